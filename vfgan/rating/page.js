"use strict";
// One document without history: going back is a button of the page, and a page that is loaded again goes on where it was.

const EMOTIONS = ["neutral", "happy", "sad", "angry", "fearful", "disgust", "surprised"];
const QUESTIONS = {
  emotion: EMOTIONS.map((name) => [name, name]),
  strength: [[1, "barely"], [2, "weak"], [3, "clear"], [4, "strong"], [5, "very strong"]],
  real: [["real", "real"], ["made", "made"]],
};
const NAMES = Object.keys(QUESTIONS);
const at = (id) => document.getElementById(id);
let state = null;
let seenSince = null; // null: the item cannot be seen yet
let url = null;

async function ask(path, body) {
  const options = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.detail);
  return value;
}

// Does one thing at a time: a second press of a key waits for nothing and changes nothing.
let busy = false;
async function once(work) {
  if (busy) return;
  busy = true;
  try {
    await work();
    at("error").hidden = true;
  } catch (error) {
    at("error").textContent = error instanceof TypeError
      ? "The program does not answer. Is it still running? Your answers so far are kept." : error.message;
    at("error").hidden = false;
  } finally {
    busy = false;
  }
}

function only(id) {
  for (const one of ["start", "rest", "end", "item"]) at(one).hidden = one !== id;
}

function chosen(name) {
  return document.querySelector(`input[name=${name}]:checked`)?.value ?? null;
}

function isNeutral() {
  return chosen("emotion") === "neutral";
}

function questionAsked() {
  return NAMES.find((name) => !at(name).disabled && chosen(name) === null) ?? null;
}

function update() {
  at("strength").disabled = isNeutral();
  if (isNeutral()) for (const input of document.querySelectorAll("input[name=strength]")) input.checked = false;
  const asked = questionAsked();
  for (const name of NAMES) at(name).classList.toggle("asked", name === asked);
  at("next").disabled = asked !== null || seenSince === null;
}

function choose(name, value) {
  const input = document.querySelector(`input[name=${name}][value="${value}"]`);
  if (!input) return;
  input.checked = true;
  input.focus();
  update();
}

function build() {
  for (const name of NAMES) {
    QUESTIONS[name].forEach(([value, text], index) => {
      const label = document.createElement("label"), input = document.createElement("input");
      const key = document.createElement("kbd");
      Object.assign(input, { type: "radio", name, value });
      input.addEventListener("change", update);
      key.textContent = index + 1;
      key.setAttribute("aria-hidden", "true");
      label.append(input, key, text);
      at(name).querySelector(".choices").append(label);
    });
  }
}

// The whole item is here before it is shown, so that loading takes no time that could tell anything.
async function show(next) {
  const forwards = state && next.rated > state.rated;
  state = next;
  if (next.item === null) {
    only("end");
    at("end-title").focus();
    return;
  }
  if (forwards && next.rest_every && next.rated % next.rest_every === 0) {
    at("rest-done").textContent = `${next.rated} of ${next.count}`;
    only("rest");
    at("rest-title").focus();
    return;
  }
  seenSince = null;
  at("item").reset();
  update();
  at("shown").replaceChildren();
  only("item");
  at("progress").textContent = `${next.place} of ${next.count}`;
  at("back").disabled = next.place === 1;
  at("video").hidden = next.kind !== "video";
  at("mute").hidden = !next.sound;
  const answer = await fetch(`item/${next.item}`);
  if (!answer.ok) throw new Error((await answer.json()).detail);
  if (url) URL.revokeObjectURL(url);
  url = URL.createObjectURL(await answer.blob());
  await place(next);
  seenSince = performance.now();
  if (next.answer) {
    choose("emotion", next.answer.emotion);
    if (next.answer.strength) choose("strength", next.answer.strength);
    choose("real", next.answer.real ? "real" : "made");
  }
  update();
  at("progress").focus(); // what a screen reader reads next; keys answer the first question
}

async function place(next) {
  const label = `${next.kind === "video" ? "Video" : "Face"} ${next.place} of ${next.count}`;
  if (next.kind === "face") {
    const image = new Image();
    image.src = url;
    image.alt = label;
    await image.decode();
    at("shown").replaceChildren(image);
    return;
  }
  const video = document.createElement("video");
  Object.assign(video, { src: url, loop: true, playsInline: true, muted: isMuted() || !next.sound });
  video.setAttribute("aria-label", label);
  video.onplay = video.onpause = () => { at("pause").textContent = video.paused ? "Play (P)" : "Pause (P)"; };
  await new Promise((resolve, reject) => {
    video.oncanplaythrough = resolve;
    video.onerror = () => reject(new Error("This video cannot be played here."));
    video.load();
  });
  at("shown").replaceChildren(video);
  try {
    await video.play();
  } catch {
    video.muted = true; // a browser may ask for a click before it plays sound
    await video.play().catch(() => {});
  }
}

function isMuted() {
  return sessionStorage.getItem("muted") === "yes";
}

function setMuted(muted) {
  sessionStorage.setItem("muted", muted ? "yes" : "no");
  at("mute").textContent = muted ? "Sound is off (M)" : "Sound is on (M)";
  if (playing()) playing().muted = muted;
}

function playing() {
  return document.querySelector("#shown video");
}

function pause() {
  if (playing()?.paused) playing().play();
  else playing()?.pause();
}

async function send() {
  if (questionAsked() !== null || seenSince === null) return;
  const seconds = (performance.now() - seenSince) / 1000;
  const strength = isNeutral() ? 0 : Number(chosen("strength"));
  await show(await ask("answer", {
    place: state.place, emotion: chosen("emotion"), strength, real: chosen("real") === "real", seconds,
  }));
}

async function back() {
  if (state.place > 1) await show(await ask(`place/${state.place - 1}`));
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || at("item").hidden) return;
  const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
  const asked = questionAsked() ?? event.target.name; // when all are answered: the one that has the focus
  const choice = digit && QUESTIONS[asked]?.[digit - 1];
  if (choice) choose(asked, choice[0]);
  else if (event.key === "Enter" && event.target.tagName !== "BUTTON") once(send);
  else if (event.key === "Backspace") once(back);
  else if (event.key.toLowerCase() === "m" && state.sound) setMuted(!isMuted());
  else if (event.key.toLowerCase() === "p" && playing()) pause();
  else return;
  event.preventDefault();
}

build();
setMuted(isMuted());
document.addEventListener("keydown", onKey);
at("item").addEventListener("submit", (event) => { event.preventDefault(); once(send); });
at("back").addEventListener("click", () => once(back));
at("last").addEventListener("click", () => once(back));
at("pause").addEventListener("click", pause);
at("mute").addEventListener("click", () => setMuted(!isMuted()));
at("go-on").addEventListener("click", () => once(() => show(state)));
at("leave").addEventListener("click", () => once(async () => {
  await ask("leave", {});
  state = null;
  at("start").reset();
  only("start");
  at("name").focus();
}));
at("start").addEventListener("submit", (event) => {
  event.preventDefault();
  once(async () => { await show(await ask("begin", { name: at("name").value })); });
});
once(async () => {
  const known = await ask("state");
  if (known.rater === null) { only("start"); at("name").focus(); } else await show(known);
});
