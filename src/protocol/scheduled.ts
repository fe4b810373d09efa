/** The event of a cron trigger. */

export interface ScheduledOptions {
  /** the expression that is to have come due, as the handler sees it; default: an empty text */
  cron?: string;
  /** when it was due; default: now, by the account's clock */
  scheduledTime?: Date | number;
}

/** How it ended. `exception`: the handler or a promise that it gave to `waitUntil` failed, or there is no handler. */
export interface ScheduledOutcome {
  outcome: 'ok' | 'exception';
  /** the handler called `controller.noRetry()`, or there is none */
  noRetry: boolean;
}
