/** A module of Node of which nothing is here: each of its names refuses. */
export {};
