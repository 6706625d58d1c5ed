/* medsynq.js -- small comforts; every page works without them.
 * 1. After a refused form the summary of what is wrong gets the focus.
 * 2. A form is sent once, however often its button is pressed.
 * 3. The search box, which "/" goes to, shows what it finds while somebody types; arrows go through
 *    it.
 * 4. Two minutes before the idle limit a bar offers to stay logged in.
 * What only some pages need stands beside it, each thing in a file of its own. */
(function () {
    "use strict";

    var problem = document.getElementById("problem");
    if (problem) {
        problem.focus();
    }

    document.addEventListener("submit", function (event) {
        var form = event.target;
        if (form.method !== "post") {
            return;
        }
        if (form.dataset.sent) {
            event.preventDefault();
            return;
        }
        form.dataset.sent = "1";
    });
    /* back from the browser's own cache: the form may be sent again */
    window.addEventListener("pageshow", function () {
        document.querySelectorAll("form[data-sent]").forEach(function (form) {
            delete form.dataset.sent;
        });
    });

    var finder = document.querySelector("form[data-live]");
    if (finder) {
        search_live(finder, finder.querySelector("input[type=search]"));
    }

    /* The page that the form would load: its results take the place of #results, or are listed under
     * the box. What answers other words than those in the box is not seen, and nothing leads there:
     * an arrow waits for the answer. */
    function search_live(form, box) {
        var results = document.getElementById("results");
        var found = document.getElementById("found");
        var told = document.getElementById("told");
        var list = results || found;
        var change = 0; /* of the words; an answer to earlier ones is dropped */
        var is_old = false;
        var is_asked = false;
        var is_awaited = false; /* by an arrow */
        var timer;

        function links() {
            return Array.from(list.querySelectorAll(results ? "tbody th a" : "a"));
        }
        function changed() {
            change++;
            is_old = true;
            is_asked = is_awaited = false;
            told.textContent = "";
            if (list.contains(document.activeElement)) {
                box.focus();
            }
            list.style.visibility = "hidden";
            clearTimeout(timer);
            timer = setTimeout(ask, 200);
        }
        function show(fresh, url) {
            var heading = fresh.querySelector("h2");
            told.textContent = heading ? heading.textContent : "";
            if (results) {
                results.replaceChildren(...fresh.childNodes);
                history.replaceState(null, "", url);
            } else {
                list_found(found, fresh, told.textContent);
            }
            answered();
        }
        function answered() {
            is_old = false;
            list.style.visibility = "";
            found.hidden = !found.firstChild || !form.contains(document.activeElement);
            if (is_awaited && document.activeElement === box) {
                (links()[0] || box).focus();
            }
        }
        function who(page) {
            return page.querySelector(".whoami").textContent;
        }
        function fail() {
            var said = document.createElement("p");
            said.className = "error";
            said.textContent = told.textContent = form.dataset.failed;
            list.replaceChildren(said);
            answered();
        }
        function ask() {
            var asked = change;
            var typed = box.value;
            var url = form.action + (typed.trim() ? "?q=" + encodeURIComponent(typed) : "");
            if (is_asked) {
                return;
            }
            is_asked = true;
            if (!results && !typed.trim()) {
                found.replaceChildren();
                answered();
                return;
            }
            fetch(url, { redirect: "manual", cache: "no-store" })
                .then(function (answer) {
                    if (bar && (answer.ok || answer.type === "opaqueredirect")) {
                        bar.dispatchEvent(new Event(answer.ok ? "alive" : "over"));
                    }
                    return answer.ok ? answer.text() : Promise.reject(new Error("refused"));
                })
                .then(function (text) {
                    var page = new DOMParser().parseFromString(text, "text/html");
                    if (who(page) !== who(document)) {
                        location.assign(url); /* logged in elsewhere since: a page of its own */
                    } else if (asked === change) {
                        show(page.getElementById("results"), url);
                    }
                })
                .catch(function () {
                    if (asked === change) {
                        fail();
                    }
                });
        }
        function move(event) {
            var all = links();
            var at = all.indexOf(document.activeElement);
            var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (event.key === "Escape" && !found.hidden) {
                box.focus();
                found.hidden = true;
            } else if (step && !event.altKey && (at >= 0 || document.activeElement === box)) {
                event.preventDefault();
                if (is_old) {
                    is_awaited = step > 0;
                    ask();
                } else {
                    found.hidden = !found.firstChild; /* Escape has put it away, perhaps */
                    (at + step < 0 ? box : all[Math.min(at + step, all.length - 1)] || box).focus();
                }
            }
        }
        box.addEventListener("input", changed);
        document.addEventListener("keydown", move);
        form.addEventListener("focusout", function (event) {
            if (event.relatedTarget && !form.contains(event.relatedTarget)) {
                found.hidden = true;
            }
        });
        form.addEventListener("focusin", function () {
            found.hidden = !found.firstChild;
        });
        document.addEventListener("pointerdown", function (event) {
            if (!form.contains(event.target)) {
                found.hidden = true;
            }
        });
    }

    /* What a page of results says of each person, as one link each; every piece runs as it is
     * written. */
    function list_found(found, fresh, heading) {
        var head = document.createElement("p");
        head.textContent = heading;
        found.replaceChildren(head);
        fresh.querySelectorAll("tbody tr").forEach(function (row) {
            var link = document.createElement("a");
            var about = document.createElement("span");
            link.href = row.querySelector("a").getAttribute("href");
            link.append(piece(row.querySelector("a")));
            row.querySelectorAll("th .mark, th .about").forEach(function (mark) {
                link.append(" ", mark.cloneNode(true));
            });
            link.append(about);
            about.className = "about";
            Array.from(row.cells).slice(1).forEach(function (cell) {
                if (cell.textContent.trim()) {
                    about.append(about.firstChild ? " \u00b7 " : "", piece(cell));
                }
            });
            found.append(link);
        });
    }
    function piece(of) {
        var made = document.createElement("bdi");
        made.textContent = of.textContent.trim();
        return made;
    }

    /* "/" goes to the search box, unless somebody is typing; a menu closes when it is left. */
    document.addEventListener("keydown", function (event) {
        var in_field = event.target.closest("input, textarea, select, [contenteditable]");
        var menu = document.querySelector(".menu[open]");
        if (event.key === "/" && finder && !in_field && !event.ctrlKey && !event.metaKey &&
            !event.altKey && !localStorage.getItem("no-shortcuts")) {
            event.preventDefault();
            finder.querySelector("input[type=search]").select();
        } else if (event.key === "Escape" && menu) {
            menu.open = false;
            menu.querySelector("summary").focus();
        }
    });
    ["pointerdown", "focusin"].forEach(function (kind) {
        document.addEventListener(kind, function (event) {
            var menu = document.querySelector(".menu[open]");
            if (menu && !menu.contains(event.target)) {
                menu.open = false;
            }
        });
    });

    var bar = document.getElementById("session");
    if (bar) {
        watch_session(bar, Number(bar.dataset.seconds) * 1000);
    }

    /* limit: milliseconds from an answer of the server to the end of the session */
    function watch_session(bar, limit) {
        var lead = Math.min(120000, limit / 2);
        var button = bar.querySelector("button");
        var soon = bar.querySelector("[data-when=soon]");
        var over = bar.querySelector("[data-when=over]");
        var link = bar.querySelector("a");
        var end;
        var timer;

        function show(is_over) {
            soon.hidden = is_over;
            over.hidden = !is_over;
            button.hidden = is_over;
            link.hidden = !is_over;
            bar.hidden = false;
        }
        /* timers sleep with the computer, so the clock decides */
        function look() {
            var left = end - Date.now();
            if (left <= 0) {
                show(true);
                return;
            }
            if (left <= lead) {
                show(false);
            }
            timer = setTimeout(look, Math.min(left > lead ? left - lead : left, 30000));
        }
        function begin() {
            clearTimeout(timer);
            bar.hidden = true;
            end = Date.now() + limit;
            look();
        }
        function ask() {
            fetch("/dashboard", { method: "HEAD", redirect: "manual", cache: "no-store" })
                .then(function (answer) {
                    if (answer.ok) {
                        begin();
                    } else if (answer.type === "opaqueredirect") {
                        ended();
                    }
                })
                .catch(function () {
                    /* no connection: the bar stays and the button can be pressed again */
                });
        }
        function ended() {
            clearTimeout(timer);
            show(true);
        }
        button.addEventListener("click", ask);
        /* from writing.js, which knows who types and has heard from the server */
        bar.addEventListener("typed", ask);
        bar.addEventListener("over", ended);
        bar.addEventListener("alive", begin);
        begin();
    }
}());
