"use strict";
// Master control by npm vda-5050-lib, VDA 5050 2.0.0. Argument: the broker's URL.
// What it cannot read it drops with a line on standard error.

const { MasterController, Topic } = require("vda-5050-lib");
const { serve, tell } = require("./lines.cjs");

const master = new MasterController(
  { interfaceName: "uagv", transport: { brokerUrl: process.argv[2] }, vdaVersion: "2.0.0" },
  {},
);

/** The order with the field names of the library, which spells one its own way. */
function inItsSpelling(order) {
  for (const { nodePosition } of order.nodes) {
    if (nodePosition?.allowedDeviationXY !== undefined) {
      nodePosition.allowedDeviationXy = nodePosition.allowedDeviationXY;
      delete nodePosition.allowedDeviationXY;
    }
  }
  return order;
}

const orderEvents = {
  onOrderProcessed: (error, byCancelation, active, { order }) =>
    tell("processed", {
      orderId: order.orderId,
      orderUpdateId: order.orderUpdateId,
      error: error?.errorType ?? null,
      byCancelation,
      active,
    }),
  onNodeTraversed: (node, _edge, _end, { order }) => tell("node", { orderId: order.orderId, nodeId: node.nodeId }),
  onActionStateChanged: ({ actionId, actionStatus }, error) =>
    tell("action", { actionId, status: actionStatus, error: error?.errorType ?? null }),
};

const instantEvents = {
  onActionStateChanged: ({ actionId, actionStatus }, error) =>
    tell("action", { actionId, status: actionStatus, error: error?.errorType ?? null }),
  onActionError: (error, { actionId }) => tell("action", { actionId, status: null, error: error.errorType }),
};

const handlers = {
  order: ({ vehicle, order }) => master.assignOrder(vehicle, inItsSpelling(order), orderEvents),
  // Past the library's own bookkeeping, as a master that has lost its memory.
  resend: ({ vehicle, order }) => master.publish(Topic.Order, vehicle, inItsSpelling(order)),
  instant: ({ vehicle, actions }) => master.initiateInstantActions(vehicle, { instantActions: actions }, instantEvents),
};

async function main() {
  await master.start();
  await master.trackAgvs(({ serialNumber }, state) => tell("connection", { serialNumber, state }));
  tell("ready");
  await serve(handlers, () => master.stop());
}

main();
