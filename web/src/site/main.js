/** What every page gains when scripts run: nothing here is needed to read or to act. */
import { watchNetwork } from "./network.js";

document.documentElement.classList.remove("no-js");
watchNetwork();
