// Classes of requests. When more come than a pool can serve, the lowest class is turned away first and waits longest.

/** The classes, lowest first; a request has the index of its class. */
export const PRIORITIES = ["low", "normal", "high"] as const;

/** One of them. */
export type Priority = (typeof PRIORITIES)[number];
