import { anyNode, nodePrefix, sharedPrefix } from "../store/keys.ts";

/** A BullMQ queue and the prefix its keys lie under. */
export interface QueueAddress {
  readonly name: string;
  readonly prefix: string;
}

/** Where a node's looks are queued; `any` for targets that any node may look at. */
export function checkQueue(node: string): QueueAddress {
  return { name: `check.${node}`, prefix: prefixOf(node) };
}

/** Where a node's heals and wishes are queued; `any` likewise. */
export function healQueue(node: string): QueueAddress {
  return { name: `heal.${node}`, prefix: prefixOf(node) };
}

/** Where anyone may ask for a heal. */
export const openHealQueue: QueueAddress = { name: "heal", prefix: sharedPrefix };

/** Where calls to persons are queued. */
export const alertQueue: QueueAddress = { name: "alert", prefix: sharedPrefix };

function prefixOf(node: string): string {
  return node === anyNode ? sharedPrefix : nodePrefix(node);
}
