// What the contract names and later versions will have. Using it is an error that says so, instead of "unknown".
// A name leaves this file when it is built; what is registered is never looked up here.

const channels = ["email"];

/** True for an alert channel that the contract names but this version does not have. */
export function isNotYet(channel: string): boolean {
  return channels.includes(channel);
}
