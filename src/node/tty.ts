/** `node:tty`: nothing is a terminal. */
export const isatty = (): boolean => false;
