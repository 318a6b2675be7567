// Copyright (c) 2026 taskwatch maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

"use strict";

const NAMES = {
  lxca: "XClarity Administrator",
  sdm: "Session Delivery Manager",
  vcenter: "vCenter appliance",
  prisma_sdwan: "Prisma SD-WAN",
};
const SHORT = { lxca: "LXCA", sdm: "SDM", vcenter: "vCenter", prisma_sdwan: "Prisma SD-WAN" };
// What the button Start can start, and what makes it fail, as the control API takes it
const TASKS = {
  "LXCA: export": [{ system: "lxca", kind: "export" }, { end: "failed" }],
  "LXCA: bulk job": [{ system: "lxca", kind: "csv_job" }, { end: "failed" }],
  "LXCA: task": [{ system: "lxca", kind: "task" }, { end: "failed" }],
  "SDM: route update": [{ system: "sdm" }, { end: "failed" }],
  "vCenter: update": [{ system: "vcenter", operation: "install" }, { end: "failed" }],
  "Prisma SD-WAN: upgrade": [{ system: "prisma_sdwan", path: "upgrade" }, { path: "install_failed" }],
};
const FAULTS = {
  refuse: { kind: "refuse" },
  503: { kind: "status", status: 503, body: "no healthy upstream" },
  drop: { kind: "expire_sessions" },
  slow: { kind: "latency", delay: 5 },
  reset: { kind: "reset" },
};
const PORTS = { open: "answers", refused: "refuses connections", tls_cut: "cuts handshakes", black_hole: "drops connections" };
// What a client meets before its request reaches a system
const UNSEEN = /refuse|black.hole|tls|dropped connections/;
const STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800];
const MOST_ROWS = 200;
const MOST_KEPT = 2000;
const MOST_TICKS = 400;
const LEAST_HORIZON = 30;
// Seconds beyond the present to which a task's end may stretch the time line
const FARTHEST_END = 7200;

let run = 0;
let state = null;
let requests = [];
let polls = new Map();
let chosenSpeed = 1;
let shownRequest = "";

const find = (id) => document.getElementById(id);
const seconds = (value) => `${Math.round(value * 10) / 10} s`;
const isBad = (request) => request.fault !== null || request.status === null || request.status >= 400;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function write(node, text) {
  // Written only when it changes, so that a screen reader speaks only then
  if (node.textContent !== text) node.textContent = text;
}

function take(update) {
  if (update.run !== run) {
    run = update.run;
    requests = [];
    polls = new Map();
  }
  for (const each of update.new_requests) {
    requests.push(each);
    for (const id of each.tasks) {
      const key = `${each.system}/${id}`;
      if (!polls.has(key)) polls.set(key, []);
      polls.get(key).push(each);
    }
  }
  requests = requests.slice(-MOST_KEPT);
  state = update;
  show();
}

function show() {
  write(find("description"), state.description || "A scenario without a description.");
  write(find("second"), seconds(state.second));
  write(find("pace"), state.speed === 0 ? "paused" : `at ${state.speed} ×`);
  write(find("pause"), state.speed === 0 ? "Resume" : "Pause");
  if (state.speed !== 0 && state.speed !== chosenSpeed) {
    chosenSpeed = state.speed;
    showSpeed(String(chosenSpeed));
  }
  showSystems(horizonOf());
  showList("faults", [...Object.entries(state.systems).flatMap(outageTexts), ...state.faults.map(faultText)], "None so far.");
  showList("sessions", Object.entries(state.systems).flatMap(sessionTexts), "None.");
  showRequests();
}

function showSpeed(value) {
  const select = find("speed");
  // The command line takes speeds that the list does not have
  if (![...select.options].some((each) => each.value === value)) select.add(new Option(`${value} ×`, value));
  select.value = value;
}

function horizonOf() {
  const now = state.second * 1.05;
  const ends = Object.values(state.systems).flatMap((system) => [
    ...system.tasks.map((task) => task.ends || 0).filter((end) => end < now + FARTHEST_END),
    ...system.outages.map((outage) => outage.until || 0),
  ]);
  const planned = state.faults.map((fault) => fault.until || 0);
  return Math.max(LEAST_HORIZON, now, ...ends.map((end) => end * 1.02), ...planned);
}

function faultText(fault) {
  const planned = fault.until === null ? "still in force" : `planned until ${seconds(fault.until)}`;
  const until = fault.over ? `until ${seconds(fault.until)}` : planned;
  return `${NAMES[fault.system]}: ${fault.what} from ${seconds(fault.from)}, ${until}, ${metBy(fault.what, fault.used, fault.over)}`;
}

function outageTexts([name, system]) {
  return system.outages.filter((each) => each.until !== null).map(({ what, from, until }) => {
    const inside = requests.filter((each) => each.system === name && each.second >= from && each.second < until);
    const when = `from ${seconds(from)} until ${seconds(until)}`;
    return `${NAMES[name]}: outage (${what}) ${when}, ${metBy(what, inside.length, state.second >= until)}`;
  });
}

function metBy(what, count, over) {
  if (UNSEEN.test(what)) return "refused connections are not counted";
  if (count === 0 && over) return "missed: no request fell into it, let it last longer";
  return count === 1 ? "1 request" : `${count} requests`;
}

function sessionTexts([name, system]) {
  return system.sessions.map((each) => `${NAMES[name]}: ${each.user}, ${Math.round(each.age)} s old (${each.id})`);
}

function showList(id, texts, none) {
  const list = find(id);
  const wanted = texts.length ? texts : [none];
  while (list.children.length > wanted.length) list.lastChild.remove();
  wanted.forEach((text, index) => write(list.children[index] || list.appendChild(make("li")), text));
}

function showSystems(horizon) {
  const holder = find("systems");
  showAxis(holder, horizon);
  for (const [name, system] of Object.entries(state.systems)) {
    let block = find(`system-${name}`);
    if (!block) {
      block = holder.appendChild(make("div", "system"));
      block.id = `system-${name}`;
      block.append(make("h3", "", NAMES[name]), " ", make("span", "facts"), make("div", "rows"));
    }
    const open = system.sessions.length === 1 ? "1 open session" : `${system.sessions.length} open sessions`;
    const more = system.count > system.tasks.length ? `, ${system.tasks.length} of ${system.count} tasks shown` : "";
    write(block.querySelector(".facts"), `${PORTS[system.port]}, ${open}${more}`);
    showTasks(block.querySelector(".rows"), name, system, horizon);
  }
}

function showAxis(holder, horizon) {
  const most = window.innerWidth < 768 ? 5 : 10;
  const step = STEPS.find((each) => horizon / each <= most) || STEPS[STEPS.length - 1];
  let axis = holder.querySelector(".axis");
  if (!axis) {
    axis = make("div", "axis");
    axis.setAttribute("aria-hidden", "true");
    holder.prepend(axis);
  }
  const marks = [];
  for (let second = 0; second < horizon * 0.94; second += step) {
    marks.push(at(make("span", "", `${second} s`), second, horizon));
  }
  axis.replaceChildren(...marks);
}

function showTasks(rows, name, system, horizon) {
  const windows = windowsOf(name, system, horizon);
  const known = new Map([...rows.children].map((row) => [row.dataset.id, row]));
  const wanted = system.tasks.map((task) => {
    const row = known.get(task.id) || make("div", "task");
    if (!row.dataset.id) {
      row.dataset.id = task.id;
      row.append(make("div", "label"), make("div", "track"));
      row.firstChild.append(make("b"), document.createTextNode(""), make("span"));
    }
    showTask(row, name, task, windows, horizon);
    return row;
  });
  if (!wanted.length) wanted.push(make("p", "facts", "No tasks."));
  const same = wanted.length === rows.children.length && wanted.every((row, index) => row === rows.children[index]);
  if (!same) rows.replaceChildren(...wanted);
}

function windowsOf(name, system, horizon) {
  const faults = state.faults.filter((each) => each.system === name);
  return [...system.outages, ...faults].map(({ what, from, until, over }) => {
    // A fault without an end that is known lasts until now; an outage without one is a moment
    const open = over === false ? Math.max(state.second, from) : from;
    return { what, from, until: Math.min(until === null ? open : until, horizon) };
  });
}

function showTask(row, name, task, windows, horizon) {
  const own = [...(polls.get(`${name}/${task.id}`) || []), ...(polls.get(`${name}/*`) || [])];
  own.sort((one, other) => one.number - other.number);
  const percent = task.percent === null ? "" : `, ${Math.round(task.percent)} %`;
  const native = task.native_state || "";
  const word = native && native.toLowerCase() !== task.state ? ` (${native})` : "";
  const told = `${task.state}${word}${percent}`;
  row.className = `task ${task.state}`;
  const [label, track] = row.children;
  write(label.children[0], task.id);
  if (label.childNodes[1].data !== ` ${told} `) label.childNodes[1].data = ` ${told} `;
  write(label.children[1], own.length ? `polls: ${own.length}, last at ${seconds(own[own.length - 1].second)}` : "no polls");
  const marks = windows.map((each) => titled(between(make("div", "window"), each.from, each.until, horizon), each.what));
  for (const poll of own.slice(-MOST_TICKS)) {
    const tick = at(make("div", isBad(poll) ? "tick bad" : "tick"), poll.second, horizon);
    marks.push(titled(tick, `${seconds(poll.second)}: ${poll.status === null ? "no answer" : poll.status}`));
  }
  const bar = barOf(track, name, task, told);
  const begins = Math.max(task.begins, 0);
  between(bar, begins, Math.max(task.ends === null ? horizon : task.ends, begins + horizon / 100), horizon);
  bar.firstChild.style.width = `${task.percent === null ? (task.state === "succeeded" ? 100 : 0) : task.percent}%`;
  // The bar stays, so that its growing is smooth
  while (track.children.length > 1) track.lastChild.remove();
  track.append(...marks, at(make("div", "now"), state.second, horizon));
}

function barOf(track, name, task, told) {
  let bar = track.querySelector(".bar");
  if (!bar) {
    bar = track.appendChild(make("div", "bar"));
    bar.append(make("div", "fill"));
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-label", `${NAMES[name]} ${task.id}`);
  }
  bar.setAttribute("aria-valuetext", told);
  bar.setAttribute("aria-valuenow", String(Math.round(task.percent || 0)));
  return bar;
}

function titled(node, text) {
  node.title = text;
  return node;
}

function at(node, second, horizon) {
  node.style.left = `${(100 * second) / horizon}%`;
  return node;
}

function between(node, from, until, horizon) {
  node.style.width = `${(100 * Math.max(until - from, 0)) / horizon}%`;
  return at(node, from, horizon);
}

function showRequests() {
  const newest = `${run}/${requests.length ? requests[requests.length - 1].number : 0}`;
  if (newest === shownRequest) return;
  shownRequest = newest;
  find("requests").replaceChildren(...requests.slice(-MOST_ROWS).reverse().map(rowOf));
}

function rowOf(each) {
  const row = make("tr", isBad(each) ? "bad" : "");
  const query = each.query ? `?${each.query}` : "";
  const cells = [
    seconds(each.second),
    SHORT[each.system],
    `${each.method} ${each.path}${query}`,
    each.status === null ? "none" : String(each.status),
    each.user || "",
    (each.fault || "").replaceAll("_", " "),
  ];
  row.append(...cells.map((text) => make("td", "", text)));
  return row;
}

async function send(path, data, done) {
  try {
    const answer = await fetch(path, { method: "POST", body: JSON.stringify(data) });
    const told = await answer.json();
    write(find("message"), answer.ok ? done : `Not done: ${told.error}`);
  } catch {
    write(find("message"), "The simulator does not answer.");
  }
}

function fillSelect(select, entries) {
  select.replaceChildren(...entries.map(([value, text]) => {
    const option = make("option", "", text);
    option.value = value;
    return option;
  }));
}

function injectFault(event) {
  event.preventDefault();
  const fields = event.target.elements;
  const amount = fields.what.value === "drop" ? {} : { [fields.unit.value]: Number(fields.amount.value) };
  const text = fields.what.selectedOptions[0].textContent;
  send("faults", { system: fields.system.value, ...FAULTS[fields.what.value], ...amount }, `Fault in force: ${text}.`);
}

function startTask(event) {
  event.preventDefault();
  const fields = event.target.elements;
  const [what, failing] = TASKS[fields.what.value];
  const end = fields.end.value === "failed" ? failing : {};
  send("tasks", { ...what, duration: Number(fields.duration.value), ...end }, `Started: ${fields.what.value}.`);
}

function connectControls() {
  fillSelect(find("fault").elements.system, Object.entries(NAMES));
  fillSelect(find("task").elements.what, Object.keys(TASKS).map((name) => [name, name]));
  find("fault").addEventListener("submit", injectFault);
  find("fault").addEventListener("change", (event) => {
    // Sessions are dropped once
    const once = event.currentTarget.elements.what.value === "drop";
    for (const label of event.currentTarget.querySelectorAll(".amount")) label.hidden = once;
  });
  find("task").addEventListener("submit", startTask);
  find("pause").addEventListener("click", () => {
    const paused = state !== null && state.speed === 0;
    send("time", { speed: paused ? chosenSpeed : 0 }, paused ? "Time goes on." : "Time stands still.");
  });
  find("speed").addEventListener("change", (event) => {
    chosenSpeed = Number(event.target.value);
    send("time", { speed: chosenSpeed }, `Time passes at ${chosenSpeed} ×.`);
  });
  find("reset").addEventListener("click", () => send("reset", {}, "The scenario begins anew."));
}

function listen() {
  const source = new EventSource("events");
  let lost = false;
  source.addEventListener("message", (event) => {
    if (lost) write(find("message"), "");
    lost = false;
    take(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    lost = true;
    write(find("message"), "The simulator does not answer. This page goes on when it does.");
  });
}

const recorded = find("rehearsal");
if (recorded) {
  document.body.classList.add("recorded");
  const data = JSON.parse(recorded.textContent);
  take(data);
  write(find("pace"), `exported ${data.exported_at}`);
} else {
  connectControls();
  listen();
}
