/** An error as a page tells it to the test in node. */

/** An error as far as a test looks at it. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly retryable?: true;
  readonly indeterminate?: true;
}

export function failureOf(error: unknown): Failure {
  const { name, message, code, retryable, indeterminate } = error as Error & Partial<Failure>;
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(retryable ? { retryable } : {}),
    ...(indeterminate ? { indeterminate } : {}),
  };
}
