import { render } from "preact";
import "./style.css";
import { App } from "./app";
import { start } from "./connection";

render(<App />, document.getElementById("page")!);
start();
