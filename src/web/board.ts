import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import { type RequestHandler, Router } from "express";
import * as z from "zod";
import { openHealRun } from "../queues/catalogue.ts";
import { openHealQueue } from "../queues/names.ts";
import { boardHooks } from "./board-hooks.ts";
import { fromRedis } from "./bounded.ts";
import type { Door } from "./door.ts";
import { jobName } from "./job-name.ts";
import type { ShownQueue, WebContext } from "./options.ts";
import { knownVisitor } from "./visitor.ts";

/** Where Bull Board lies. */
export const boardPath = "/queues";

/**
 * Bull Board, twice: one for operators, and one for viewers that shows no button and does nothing. Its hooks hold for both.
 */
export function boardRoutes(context: WebContext, door: Door): Router {
  const hooks = boardHooks(context, door);
  const boards = {
    operator: makeBoard(context, hooks, "operator"),
    viewer: makeBoard(context, hooks, "viewer"),
  };
  const router = Router();
  router.use("/api", upToDate(context, Object.values(boards)));
  router.use((request, response, next) =>
    boards[knownVisitor(response).role].handle(request, response, next),
  );
  return router;
}

interface Board {
  readonly handle: RequestHandler;
  show(queues: readonly ShownQueue[]): void;
}

/**
 * Nodes come and go: before each answer the boards are told which queues there are. Without this Bull Board would also wait
 * for ever for a Redis that is away, and ask again every few seconds.
 */
function upToDate({ queues }: WebContext, boards: readonly Board[]): RequestHandler {
  let shown = "";
  return async (_request, _response, next) => {
    const found = inTreeOrder(await fromRedis(queues()));
    const names = found.map(({ queue }) => queue.name).join(" ");
    if (names !== shown) for (const board of boards) board.show(found);
    shown = names;
    next();
  };
}

function makeBoard(
  { config }: WebContext,
  hooks: ReturnType<typeof boardHooks>,
  role: "operator" | "viewer",
): Board {
  const serverAdapter = new ExpressAdapter().setBasePath(boardPath);
  const { replaceQueues, setQueues } = createBullBoard({
    serverAdapter,
    queues: [],
    options: {
      handlerHooks: hooks,
      uiConfig: {
        boardTitle: "healq",
        boardLogo: { path: "/assets/icon.svg", width: 24, height: 24 },
        favIcon: { default: "/assets/icon.svg", alternative: "/assets/icon.svg" },
        miscLinks: [{ text: "Status page", url: "/" }],
        hideDocsLink: true,
        environment: { label: config.node, color: "#2f6f5e", textColor: "#ffffff" },
        jobDetails: { defaultTab: "Logs" },
      },
    },
  });
  return {
    handle: serverAdapter.getRouter(),
    show: (queues) => {
      // Emptied first: a queue that it knows already would keep its place, and the order matters.
      replaceQueues([]);
      setQueues(queues.map((queue) => adapterOf(queue, role)));
    },
  };
}

function adapterOf({ queue, description }: ShownQueue, role: "operator" | "viewer"): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, {
    delimiter: isInTree(queue) ? "." : "",
    readOnlyMode: role === "viewer",
    ...(description === undefined ? {} : { description }),
    ...(queue.name === openHealQueue.name ? { jobDataSchema: healSchema } : {}),
  });
  adapter.setFormatter("name", jobName);
  return adapter;
}

/** Queues of a node, `heal.NODE`, lie in a tree. */
function isInTree({ name }: { readonly name: string }): boolean {
  return name.includes(".");
}

/** Bull Board's tree loses a queue whose name is also a branch (`heal` beside `heal.NODE`), unless it comes after the branch, outside of the tree. */
function inTreeOrder(queues: readonly ShownQueue[]): ShownQueue[] {
  return [...queues].sort((a, b) => Number(isInTree(b.queue)) - Number(isInTree(a.queue)));
}

/** What "Add job" on the queue `heal` wants, for its form; who asked is known, so it is not asked for. */
const healSchema = z.toJSONSchema(openHealRun.omit({ v: true, requestedBy: true }), { io: "input" });
