/** The full TypeScript compiler as one file; loaded only for source that the fast path cannot compile. */
import ts from 'typescript';

export default ts;
