// The floor on a canvas: the layout is drawn once for each view, the vehicles sixty times a second.
import { site } from "./connection";
import { chosen, nameOf, positionOf, shown, vehicles } from "./fleet";
import type { VehicleState } from "./messages";

const SIZE_PX = 9;
const CLICK_PX = 5;
const COLOURS = ["road", "place", "text", "idle", "driving", "charging", "trouble", "offline", "chosen", "base"] as const;

export interface FrameTimes {
  frames: number;
  drawing_ms: number;
}

export class Floor {
  readonly times: FrameTimes = { frames: 0, drawing_ms: 0 };
  private readonly context: CanvasRenderingContext2D;
  private readonly ground = document.createElement("canvas");
  private groundOf = "";
  private scale = 1;
  private left = 0;
  private top = 0;
  private fitted = false;
  private colours = new Map<string, string>();
  private running = true;
  private readonly pointers = new Map<number, [number, number]>();
  private dragged = 0;
  following = false;
  filter: (vehicle: VehicleState) => boolean = () => true;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly picked: (id: string) => void,
  ) {
    this.context = canvas.getContext("2d")!;
    canvas.addEventListener("wheel", this.wheel, { passive: false });
    canvas.addEventListener("pointerdown", this.down);
    canvas.addEventListener("pointermove", this.move);
    canvas.addEventListener("pointerup", this.up);
    canvas.addEventListener("pointercancel", this.up);
    requestAnimationFrame(this.frame);
  }

  close(): void {
    this.running = false;
  }

  fit(): void {
    this.fitted = false;
    this.following = false;
  }

  zoom(by: number, x = this.canvas.width / 2, y = this.canvas.height / 2): void {
    const next = Math.min(400, Math.max(0.5, this.scale * by));
    this.left += x / this.scale - x / next;
    this.top += y / this.scale - y / next;
    this.scale = next;
  }

  private readonly wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const [x, y] = this.at(event);
    this.zoom(Math.exp(-event.deltaY / 400), x, y);
  };

  private readonly down = (event: PointerEvent): void => {
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.at(event));
    this.dragged = 0;
  };

  private readonly move = (event: PointerEvent): void => {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.at(event);
    this.dragged += Math.hypot(now[0] - before[0], now[1] - before[1]);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const was = Math.hypot(before[0] - other[0], before[1] - other[1]);
      const is = Math.hypot(now[0] - other[0], now[1] - other[1]);
      if (was > 1) this.zoom(is / was, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else if (this.dragged > CLICK_PX) {
      this.left -= (now[0] - before[0]) / this.scale;
      this.top -= (now[1] - before[1]) / this.scale;
      this.following = false;
    }
    this.pointers.set(event.pointerId, now);
  };

  private readonly up = (event: PointerEvent): void => {
    const at = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (event.type !== "pointerup" || !at || this.dragged > CLICK_PX) return;
    const now = performance.now();
    let nearest: string | null = null;
    let least = SIZE_PX * 2.5 * devicePixelRatio;
    for (const vehicle of vehicles.value.values()) {
      const position = positionOf(vehicle.id, now);
      if (!position || !this.filter(vehicle)) continue;
      const distance = Math.hypot(this.x(position[0]) - at[0], this.y(position[1]) - at[1]);
      if (distance < least) [nearest, least] = [vehicle.id, distance];
    }
    if (nearest) this.picked(nearest);
  };

  private at(event: MouseEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * devicePixelRatio, (event.clientY - box.top) * devicePixelRatio];
  }

  private x(metres: number): number {
    return (metres - this.left) * this.scale;
  }

  private y(metres: number): number {
    return (-metres - this.top) * this.scale; // y goes up on the floor and down on the screen
  }

  private readonly frame = (now: number): void => {
    if (!this.running) return;
    const began = performance.now();
    this.resize();
    if (site.value && this.canvas.width && this.canvas.height) this.draw(now);
    this.times.frames += 1;
    this.times.drawing_ms += performance.now() - began;
    requestAnimationFrame(this.frame);
  };

  private resize(): void {
    const width = Math.round(this.canvas.clientWidth * devicePixelRatio);
    const height = Math.round(this.canvas.clientHeight * devicePixelRatio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.fitted = false;
    }
    if (this.fitted || !site.value || !width) return;
    const points = Object.values(site.value.nodes);
    const xs = points.map((point) => point[0]);
    const ys = points.map((point) => -point[1]);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.scale = Math.min(width / (right - left + 8), height / (bottom - top + 8));
    this.left = (left + right) / 2 - width / this.scale / 2;
    this.top = (top + bottom) / 2 - height / this.scale / 2;
    this.fitted = true;
  }

  private draw(now: number): void {
    const { context, canvas } = this;
    const followed = this.following && shown.value ? positionOf(shown.value, now) : null;
    if (followed) {
      this.left = followed[0] - canvas.width / this.scale / 2;
      this.top = -followed[1] - canvas.height / this.scale / 2;
    }
    this.drawGround();
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(this.ground, 0, 0);
    const all = [...vehicles.value.values()].filter(this.filter);
    for (const vehicle of all) this.drawWay(vehicle, now);
    for (const vehicle of all) this.drawVehicle(vehicle, now);
  }

  private drawGround(): void {
    const known = site.value!;
    const { theme } = document.documentElement.dataset;
    const key = [known.id, this.left, this.top, this.scale, this.canvas.width, this.canvas.height, theme].join();
    if (key === this.groundOf) return;
    this.groundOf = key;
    const style = getComputedStyle(this.canvas);
    for (const name of COLOURS) this.colours.set(name, style.getPropertyValue(`--${name}`));
    this.ground.width = this.canvas.width;
    this.ground.height = this.canvas.height;
    const context = this.ground.getContext("2d")!;
    context.strokeStyle = this.colours.get("road")!;
    context.lineWidth = Math.max(1, 0.4 * this.scale);
    context.lineCap = "round";
    context.beginPath();
    for (const [start, end] of known.edges) {
      const [a, b] = [known.nodes[start], known.nodes[end]];
      if (!a || !b) continue;
      context.moveTo(this.x(a[0]), this.y(a[1]));
      context.lineTo(this.x(b[0]), this.y(b[1]));
    }
    context.stroke();
    context.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    context.textAlign = "center";
    const named: [number, number][] = [];
    for (const place of known.places) {
      const point = known.nodes[place.node];
      if (!point) continue;
      const [x, y] = [this.x(point[0]), this.y(point[1])];
      const half = 4 * devicePixelRatio;
      context.fillStyle = this.colours.get(place.charger ? "charging" : "place")!;
      context.fillRect(x - half, y - half, 2 * half, 2 * half);
      const room = 30 * devicePixelRatio;
      if (named.some(([a, b]) => Math.abs(a - x) < 2 * room && Math.abs(b - y) < room / 2)) continue;
      named.push([x, y]);
      context.fillStyle = this.colours.get("text")!;
      context.fillText(place.name, x, y + 18 * devicePixelRatio);
    }
  }

  private drawWay(vehicle: VehicleState, now: number): void {
    const here = positionOf(vehicle.id, now);
    if (!here || !(vehicle.base.length || vehicle.horizon.length)) return;
    const { context } = this;
    const along = (ids: string[], dashed: boolean, from: [number, number]): [number, number] => {
      context.setLineDash(dashed ? [4 * devicePixelRatio, 4 * devicePixelRatio] : []);
      context.beginPath();
      context.moveTo(...from);
      let end = from;
      for (const id of ids) {
        const point = site.value!.nodes[id];
        if (point) context.lineTo(...(end = [this.x(point[0]), this.y(point[1])]));
      }
      context.stroke();
      return end;
    };
    context.strokeStyle = this.colours.get("base")!;
    context.lineWidth = 2.5 * devicePixelRatio;
    const end = along(vehicle.base, false, [this.x(here[0]), this.y(here[1])]);
    along(vehicle.horizon, true, end);
    context.setLineDash([]);
  }

  private drawVehicle(vehicle: VehicleState, now: number): void {
    const here = positionOf(vehicle.id, now);
    if (!here) return;
    const { context } = this;
    const [x, y] = [this.x(here[0]), this.y(here[1])];
    const size = SIZE_PX * devicePixelRatio;
    if (x < -size || y < -size || x > this.canvas.width + size || y > this.canvas.height + size) return;
    const selected = vehicle.id === shown.value || chosen.value.has(vehicle.id);
    context.save();
    context.translate(x, y);
    context.rotate(-here[2]);
    context.fillStyle = this.colours.get(colourOf(vehicle))!;
    context.strokeStyle = this.colours.get(selected ? "chosen" : "text")!;
    context.lineWidth = (selected ? 3 : 1) * devicePixelRatio;
    context.beginPath();
    context.moveTo(size, 0);
    context.lineTo(-size * 0.8, size * 0.75);
    context.lineTo(-size * 0.45, 0);
    context.lineTo(-size * 0.8, -size * 0.75);
    context.closePath();
    context.fill();
    context.stroke();
    context.restore();
    if (vehicle.loaded) {
      context.fillStyle = this.colours.get("text")!;
      context.fillRect(x - size * 0.3, y - size * 0.3, size * 0.6, size * 0.6);
    }
    if (selected || vehicles.value.size <= 40) {
      context.fillStyle = this.colours.get("text")!;
      context.font = `${selected ? "bold " : ""}${11 * devicePixelRatio}px system-ui, sans-serif`;
      context.textAlign = "center";
      const battery = vehicle.battery === null ? "" : ` ${Math.round(vehicle.battery)} %`;
      context.fillText(nameOf(vehicle.id) + battery, x, y - size * 1.3);
    }
  }
}

function colourOf(vehicle: VehicleState): string {
  switch (vehicle.state) {
    case "offline":
      return "offline";
    case "emergency_stop":
    case "fault":
    case "stopped":
      return "trouble";
    case "charging":
      return "charging";
    case "driving":
    case "working":
      return "driving";
    default:
      return "idle";
  }
}
