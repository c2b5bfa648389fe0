/** JSON of the first messages of a new session; scripts/first-picture.mjs makes it when the page is built. */
declare module 'virtual:first-picture' {
  export const picture: string
}
