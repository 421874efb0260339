/** Process exit codes; a contract of the command line (`--help` of every command repeats them). */
export const EXIT = {
  OK: 0,
  FAILURE: 1,
  /** Wrong usage of the command line or a configuration that does not validate. */
  USAGE: 2,
  /** The risk gate halted or the kill switch was tripped. */
  RISK: 3,
  /** Data integrity: a gap that was not recovered, a corrupt file or journal, a failed proof. */
  DATA: 4,
  /** An `--assert` did not hold. */
  ASSERTION: 5,
  INTERRUPTED: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * The one error type of cold code. `message` names the file, line or field, the value found and what was expected;
 * it is printed as is, without a stack, so it must read well alone.
 */
export class TickpathError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: `ERR_${string}`, message: string, exitCode: ExitCode = EXIT.FAILURE) {
    super(message);
    this.name = 'TickpathError';
    this.code = code;
    this.exitCode = exitCode;
  }
}
