/** An application to try out: what a person would paste. */
export interface Sample {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly yaml: string
}
