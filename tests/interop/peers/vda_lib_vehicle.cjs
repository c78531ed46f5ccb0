"use strict";
// Vehicles by npm vda-5050-lib, VDA 5050 2.0.0. Argument: the broker's URL.

const { AgvController, Topic, VirtualAgvAdapter } = require("vda-5050-lib");
const { serve, tell } = require("./lines.cjs");

/** A vehicle that the network deprives of its first so many orders, or instant actions of a type. */
class UnluckyVehicle extends AgvController {
  constructor(agvId, clientOptions, controllerOptions, adapterOptions, lose) {
    super(agvId, clientOptions, controllerOptions, adapterOptions);
    this.lose = { ...lose };
  }

  subscribe(topic, handler) {
    return super.subscribe(topic, (message, ...rest) => {
      const what = topic === Topic.Order ? topic : message.instantActions?.[0]?.actionType;
      if (this.lose[what] > 0) {
        this.lose[what] -= 1;
      } else {
        handler(message, ...rest);
      }
    });
  }
}

/** A vehicle to which no route is good enough. */
class ChoosyAdapter extends VirtualAgvAdapter {
  isRouteTraversable() {
    return [{ referenceKey: "errorDescriptionDetail", referenceValue: "a door is shut" }];
  }
}

const vehicles = [];

const handlers = {
  vehicle: async ({ vehicle, at, lose, refuse, timeLapse }) => {
    const controller = new UnluckyVehicle(
      vehicle,
      { interfaceName: "uagv", transport: { brokerUrl: process.argv[2] }, vdaVersion: "2.0.0" },
      { agvAdapterType: refuse ? ChoosyAdapter : VirtualAgvAdapter, publishVisualizationInterval: 0 },
      { initialPosition: { ...at, theta: 0 }, timeLapse, tickRate: 20 },
      lose,
    );
    vehicles.push(controller);
    await controller.start();
    tell("started", { serialNumber: vehicle.serialNumber });
  },
};

tell("ready");
serve(handlers, () => Promise.all(vehicles.map((vehicle) => vehicle.stop())));
