import {
  type BigIntStats,
  closeSync,
  constants,
  type Dirent,
  lstatSync,
  openSync,
  readFileSync,
} from "node:fs";
import { readdir, unlink } from "node:fs/promises";

/** Only a handle to look names up under; needs no right to read. Node does not name this flag. Source: open(2), asm-generic/fcntl.h. */
const pathOnly = 0o10000000;

/**
 * A folder held open, so that its path cannot come to lead elsewhere: what is done to names in it is done under
 * `/proc/self/fd/N/NAME`, which is what openat(2) and unlinkat(2) do, which Node does not have. No link is followed on the way.
 */
export class Folder {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens a folder by its absolute path, name by name from `/`; throws ENOTDIR or ELOOP when one of them is a link. */
  static open(path: string): Folder {
    let at = new Folder(openFolder("/"));
    for (const name of path.split("/").filter((part) => part !== "")) {
      try {
        const next = at.enter(name);
        at.close();
        at = next;
      } catch (error) {
        at.close();
        throw error;
      }
    }
    return at;
  }

  /** Opens a folder in this one; throws when it is none, or a link. */
  enter(name: string): Folder {
    return new Folder(openFolder(this.#path(name)));
  }

  /** What is in it, in no order. */
  entries(): Promise<Dirent[]> {
    return readdir(`/proc/self/fd/${this.#fd}/`, { withFileTypes: true });
  }

  /** Of a name in it (`.` is itself), never of what it links to; undefined when there is none. */
  stat(name: string): BigIntStats | undefined {
    return lstatSync(this.#path(name), { bigint: true, throwIfNoEntry: false });
  }

  /** Opens a file in it for reading; throws when it is a link. */
  openFile(name: string): number {
    return openSync(this.#path(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  }

  /** Removes a name that is no folder. */
  unlink(name: string): Promise<void> {
    return unlink(this.#path(name));
  }

  /** Which mount it is on; also tells bind mounts of one file system apart, which a device number does not. Source: proc_pid_fdinfo(5). */
  get mount(): string {
    return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${this.#fd}`, "utf8"))?.[1] ?? "unknown";
  }

  close(): void {
    closeSync(this.#fd);
  }

  #path(name: string): string {
    return `/proc/self/fd/${this.#fd}/${name}`;
  }
}

function openFolder(path: string): number {
  return openSync(path, pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}
