/** `node:worker_threads` of the one thread that there is. Its `Worker` refuses. */
export const SHARE_ENV = Symbol('nodejs.worker_threads.SHARE_ENV');
export const isInternalThread = false;
export const isMainThread = true;
export const parentPort = null;
export const resourceLimits = {};
export const threadId = 0;
export const workerData = null;
export const { MessageChannel, MessagePort } = globalThis;
const nothing = (): void => {};
export const getEnvironmentData = nothing;
export const setEnvironmentData = nothing;
export const markAsUncloneable = nothing;
export const markAsUntransferable = nothing;
export const isMarkedAsUntransferable = (): boolean => false;
export const receiveMessageOnPort = nothing;
