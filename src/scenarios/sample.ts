/** An application to try out: what a person would paste. */
export interface Sample {
  readonly id: string
  readonly title: string
  readonly summary: string
  /** Something is wrong with it, for the learner to find. */
  readonly trouble?: true
  readonly yaml: string
}
