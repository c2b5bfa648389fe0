/** Thrown by `break` and `continue`. */
export class LoopEnd {
  constructor(
    readonly how: 'break' | 'continue',
    public levels: number,
  ) {}
}

/** Thrown by `return`. */
export class FunctionEnd {
  constructor(readonly code: number) {}
}

/** Thrown by `exit` (`asked`), and by what ends a script. */
export class ShellEnd {
  constructor(
    readonly code: number,
    readonly asked: boolean,
  ) {}
}
