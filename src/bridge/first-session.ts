/** The session of a page that was given none: its first picture is made at build time. */
export const firstSeed = 1
export const firstPresetId = 'default'
