/** What the rooms' READMEs say is left out; scripts/left-out.mjs makes it when the page is built. */
declare module 'virtual:left-out' {
  export const rooms: readonly { readonly room: string; readonly name: string; readonly lines: readonly string[] }[]
}

/** Kinds and fields of the API; scripts/api-schema.mjs makes it from the generated schema when the page is built. */
declare module 'virtual:api-schema' {
  /** `apiVersion kind type resource`, one per kind; `cluster` follows when it has no namespace. */
  export const kinds: readonly string[]
  /** Type → fields, each `name type` with `!` when it is required. */
  export const types: Readonly<Record<string, readonly string[]>>
  /** Values of enumerations, by their Go name; a field's type `enum:Name` refers to them. */
  export const enums: Readonly<Record<string, readonly string[]>>
}

/** Descriptions of types and of `Type.field`; apart, because they are large. */
declare module 'virtual:api-docs' {
  export const docs: Readonly<Record<string, string>>
}
