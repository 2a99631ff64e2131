import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../lib/clock.ts";
import { messageOf } from "../model/errors.ts";
import type { ExitInfo, Identity } from "../model/process.ts";
import type { Consoles } from "./consoles.ts";
import { readExit, unknownExit } from "./exit-status.ts";
import { type Watch, watchFifo } from "./fifo.ts";
import type { Ledger } from "./ledger.ts";
import { type Member, sessionOf } from "./members.ts";
import { isAlive, type ProcessEntry, sameIdentity } from "./procfs.ts";

/** Told once of each exit of a current process. `expected`: a stop of ours announced it. */
export type ExitListener = (id: string, exit: ExitInfo, about: { readonly expected: boolean }) => void;

/** How long an end-of-file may be ahead of the death it hints at, in milliseconds: 0.1 to 2 were seen. */
const confirmWithin = 250;

/** The session of a dead leader is looked at within this, in milliseconds: long before its pid could be another's. */
const witnessWithin = 100;

interface Surroundings {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** The living processes of a target, by their marks. */
  readonly members: (id: string) => Member[];
  readonly consoles: Pick<Consoles, "exitOf">;
}

/**
 * Hears how processes end: our own children by their `exit` event, adopted ones by end-of-file on their FIFO, confirmed by
 * identity. Every exit is written down before anybody is told, once, and only if it is the current process'.
 */
export class Exits {
  readonly #at: Surroundings;
  readonly #listeners = new Set<ExitListener>();
  readonly #announced = new Set<string>();
  /** Who is being heard, by id: a child's handle has no watch. */
  readonly #heard = new Map<string, { identity: Identity; watch?: Watch }>();
  /** What was in a dead leader's session when it died: ours for certain, though nothing may mark it. */
  readonly #witnessed = new Map<string, readonly Identity[]>();
  /** Leaders that died just now, whose sessions are still to be looked at. */
  readonly #bereaved = new Map<string, Identity>();
  #closed = false;

  constructor(at: Surroundings) {
    this.#at = at;
  }

  /** Adds a listener; the result removes it. */
  onExit(listener: ExitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears a process that we have just spawned; in the same turn of the event loop. */
  hearChild(id: string, identity: Identity, child: ChildProcess): void {
    this.#hear(id, { identity });
    child.once("exit", (code, signal) => {
      this.#bereave(id, identity);
      this.note(id, identity, { code, signal, unknown: false, at: this.#at.clock.now() });
    });
  }

  /** Hears a process that an earlier healq spawned. Does nothing when it is heard already. */
  hearAdopted(id: string, identity: Identity): void {
    if (this.#closed || this.isHeard(id, identity)) return;
    try {
      const watch = watchFifo(this.#at.ledger.fifo(id), () => void this.#confirm(id, identity));
      this.#hear(id, { identity, watch });
    } catch (error) {
      // Its death is then seen by the next look.
      this.#at.log(`${id} (pid ${identity.pid}): its exit cannot be listened for: ${messageOf(error)}`);
    }
    // It may have died before the FIFO was opened, and then there is no end-of-file to come.
    if (isAlive(identity) !== "alive") void this.noteDead(id, identity);
  }

  isHeard(id: string, identity: Identity): boolean {
    return sameIdentity(this.#heard.get(id)?.identity, identity);
  }

  /** Says beforehand that this process is about to be ended by us. */
  announce(identity: Identity): void {
    this.#announced.add(keyOf(identity));
  }

  /** What was left of the sessions of this target's dead leaders, as far as it still lives. `processes` as of just now. */
  witnessed(id: string, processes?: readonly ProcessEntry[]): Identity[] {
    this.#witness(id, processes);
    return this.#survivors(id);
  }

  #survivors(id: string): Identity[] {
    return (this.#witnessed.get(id) ?? []).filter((identity) => isAlive(identity) === "alive");
  }

  /** Writes down, and tells, that a process is gone of which nobody said how. At once, unless tmux has to be asked. Never rejects. */
  async noteDead(id: string, identity: Identity): Promise<void> {
    const now = this.#at.clock.now();
    let exit = readExit(identity, now);
    const { console, instance } = this.#at.ledger.record(id) ?? {};
    if (exit === undefined && console === true && instance !== undefined)
      exit = await this.#at.consoles.exitOf(id, instance, now);
    this.note(id, identity, exit ?? unknownExit(now));
  }

  /** Writes down an exit and tells it; ignored if it is not the current process', or is known already. */
  note(id: string, identity: Identity, exit: ExitInfo): void {
    const record = this.#at.ledger.record(id);
    if (this.#closed || !sameIdentity(record?.identity, identity) || record?.exit !== undefined) return;
    const heard = this.#heard.get(id);
    if (sameIdentity(heard?.identity, identity)) {
      heard?.watch?.close();
      this.#heard.delete(id);
    }
    const expected = this.#announced.delete(keyOf(identity)) || this.#wasBeingStopped(id);
    const backgrounded = !expected && exit.code === 0 && this.#at.members(id).length > 0;
    try {
      this.#at.ledger.writeRecord(id, { ...record, exit, ...(backgrounded && { backgrounded }) });
      this.#at.ledger.writePid(id, undefined);
    } catch (error) {
      this.#at.log(`${id}: its exit could not be written down: ${messageOf(error)}`);
    }
    this.#tell(id, exit, expected);
  }

  /** True once the exit of this process is written down; false if that takes longer than `within` milliseconds. */
  async settled(id: string, identity: Identity, within: number): Promise<boolean> {
    const deadline = performance.now() + within;
    for (;;) {
      const record = this.#at.ledger.record(id);
      if (!sameIdentity(record?.identity, identity) || record?.exit !== undefined) return true;
      if (performance.now() > deadline) return false;
      await sleep(2);
    }
  }

  /** Hears nothing more; the processes live on. */
  close(): void {
    this.#closed = true;
    for (const { watch } of this.#heard.values()) watch?.close();
    this.#heard.clear();
    this.#listeners.clear();
  }

  #hear(id: string, heard: { identity: Identity; watch?: Watch }): void {
    this.#heard.get(id)?.watch?.close();
    this.#heard.set(id, heard);
  }

  /** End-of-file: the process died, is dying, or only closed descriptor 3, and then the next look is what is left. */
  async #confirm(id: string, identity: Identity): Promise<void> {
    let exit: ExitInfo | undefined;
    for (let step = 1, waited = 0; waited < confirmWithin && !this.#closed; waited += step, step *= 2) {
      exit = readExit(identity, this.#at.clock.now()) ?? exit;
      if (isAlive(identity) !== "alive") {
        this.#bereave(id, identity);
        if (exit === undefined) await this.noteDead(id, identity);
        else this.note(id, identity, exit);
        return;
      }
      await sleep(step);
    }
    if (!this.#closed)
      this.#at.log(
        `${id} (pid ${identity.pid}) closed descriptor 3: its exit will be seen by the next look, not at once`,
      );
  }

  /** The session is looked at with the scan of the next start, which is as a rule milliseconds away, or soon by itself. */
  #bereave(id: string, leader: Identity): void {
    this.#bereaved.set(id, leader);
    setTimeout(() => this.#witness(id), witnessWithin).unref();
  }

  /** To be asked only right after the death: see `sessionOf`. */
  #witness(id: string, processes?: readonly ProcessEntry[]): void {
    const leader = this.#bereaved.get(id);
    if (leader === undefined) return;
    this.#bereaved.delete(id);
    const all = [...this.#survivors(id), ...sessionOf(leader, processes)];
    if (all.length > 0) this.#witnessed.set(id, all);
    else this.#witnessed.delete(id);
  }

  /** A healq before us may have announced it: that it was stopping the process is written down. */
  #wasBeingStopped(id: string): boolean {
    const stage = this.#at.ledger.intent(id)?.stage;
    return stage === "stopping" || stage === "stopped";
  }

  #tell(id: string, exit: ExitInfo, expected: boolean): void {
    for (const listener of this.#listeners) {
      try {
        listener(id, exit, { expected });
      } catch (error) {
        this.#at.log(`a listener to the exit of ${id} failed: ${messageOf(error)}`);
      }
    }
  }
}

function keyOf(identity: Identity): string {
  return `${identity.bootId}/${identity.pid}/${identity.startTime}`;
}
