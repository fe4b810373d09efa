/** An error as a control message carries it: made from one, and made whole again. A SimulatorError keeps its code. */
import { SimulatorError, type SimulatorErrorCode, type SourceLocation } from '../base/errors.ts';

export interface ControlError {
  readonly name: string;
  readonly message: string;
  readonly code?: SimulatorErrorCode;
  readonly location?: SourceLocation;
  readonly stack?: string;
}

export function toControlError(error: unknown): ControlError {
  if (error instanceof SimulatorError) {
    const { name, message, code, location } = error;
    return { name, message, code, ...(location ? { location } : {}) };
  }
  if (error instanceof Error) {
    return { name: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
  }
  return { name: 'Error', message: String(error) };
}

export function fromControlError({ code, message, location, name, stack }: ControlError): Error {
  if (code !== undefined) return new SimulatorError(code, message, location ? { location } : {});
  const made = new Error(message);
  made.name = name;
  if (stack !== undefined) made.stack = stack;
  return made;
}
