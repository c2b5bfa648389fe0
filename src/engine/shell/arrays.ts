/** An array is kept in a variable as a text: each element behind a control character that no text of a script has. */
const mark = '\u0001'

/** Whether the value of a variable is an array. */
export const isArray = (value: string | undefined): boolean => value !== undefined && value.startsWith(mark)

/** The elements of a variable; a plain value is the only one. */
export function elementsOf(value: string | undefined): string[] {
  if (value === undefined) return []
  return value.startsWith(mark) ? (value === mark ? [] : value.slice(1).split(mark)) : [value]
}

/** Elements as the value of a variable. One empty element counts as none. Bounds: 1,000 elements. */
export const arrayOf = (elements: readonly string[]): string => mark + elements.slice(0, 1000).join(mark)
