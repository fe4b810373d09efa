/** The error of what must fail; what does not fail is a failure of the test. */
export function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return promise.then(
    (value) => {
      throw new Error(`it did not fail, and gave ${value}`);
    },
    (error: Error & Record<string, unknown>) => error,
  );
}
