/** The full TypeScript compiler as one file; loaded only for source that the fast path cannot compile. */
export * from 'typescript';
