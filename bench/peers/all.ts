import { floor } from "./floor.ts";
import { healq } from "./healq.ts";
import { monit } from "./monit.ts";
import type { Peer } from "./peer.ts";
import { pm2 } from "./pm2.ts";
import { supervisord } from "./supervisord.ts";

const peers: readonly Peer[] = [floor, healq, pm2, supervisord, monit];

/** The names of all, in the order of the tables. */
export const peerNames: readonly string[] = peers.map(({ name }) => name);

/** The peers of these names. */
export function peersNamed(names: readonly string[]): Peer[] {
  return peers.filter(({ name }) => names.includes(name));
}
