/** Thrown by `break` and `continue`. */
export class LoopEnd {
  constructor(
    readonly how: 'break' | 'continue',
    public levels: number,
  ) {}
}
