/** An error as a caller sees it: its text, and the flags and whatever else it has of its own. */
export function seenError(error: unknown): { message: string } {
  return { message: (error as Error).message, ...(error as object) };
}

/** What a promise fails with, seen so. @throws Error when it does not fail */
export function failureOfCall(promise: Promise<unknown>): Promise<{ message: string }> {
  return promise.then(
    (value) => Promise.reject(new Error(`it did not fail but gave ${value}`)),
    (error: unknown) => seenError(error),
  );
}
