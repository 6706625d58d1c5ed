/* writing.js -- what somebody has typed is not lost by leaving the page; every page works without.
 * 1. A note is saved as a draft while it is written.
 * 2. Who leaves a page with something typed or chosen that is not saved is asked first.
 * 3. Who types is not away: the server is told, at most once a minute.
 * 4. Who came to go on with a draft types behind it. */
(function () {
    "use strict";

    var session = document.getElementById("session");
    var sent = null; /* the form that is on its way: its own text is not lost */
    if (!session) {
        return;
    }

    var told_at = Date.now();
    var told_each = Math.min(60000, Number(session.dataset.seconds) * 250); /* milliseconds */
    document.addEventListener("input", function () {
        if (Date.now() - told_at > told_each) {
            told_at = Date.now();
            session.dispatchEvent(new Event("typed"));
        }
    });

    document.querySelectorAll("form[data-autosave]").forEach(function (form) {
        autosave(form);
    });

    /* the browser goes to the frame by itself, and after this script */
    addEventListener("load", function () {
        var box = /^#note-/.test(location.hash) && document.getElementById("write");
        if (box) {
            box.focus();
            box.setSelectionRange(1e6, 1e6);
        }
    });

    /* Seconds come from the page. What is sent waits for what is being saved, or one note would
     * become two. */
    function autosave(form) {
        var box = form.querySelector("textarea");
        var told = form.querySelector("[data-saved]");
        var underway = null;
        var unanswered = null; /* what the server may have or not: sent again until it has said */
        var is_over = false;

        function field_set(name, value) {
            var field = form.querySelector("input[name=" + name + "]");
            if (!field) {
                field = document.createElement("input");
                field.type = "hidden";
                field.name = name;
                form.querySelector("input[name=csrf_token]").after(field);
            }
            field.value = value;
        }
        /* a note that nothing has been saved of is discarded by leaving it */
        function discard_offer(href) {
            var button = form.querySelector("[data-discard]");
            if (button) {
                button.formAction = href + "/discard";
                button.hidden = false;
            }
        }
        function answered(answer, typed) {
            if (answer.type === "opaqueredirect") {
                is_over = true;
                session.dispatchEvent(new Event("over"));
                return Promise.reject(new Error("logged out"));
            }
            is_over = answer.status === 403 || answer.status === 409;
            return answer.json().then(function (made) {
                told.textContent = made.said;
                if (answer.ok) {
                    box.defaultValue = typed;
                    form.action = made.href;
                    discard_offer(made.href);
                    field_set("version", made.version);
                    session.dispatchEvent(new Event("alive"));
                }
            });
        }
        /* What the browser has put back into the box after the page was left is a note already. */
        function stands_there(typed) {
            return Array.from(document.querySelectorAll(".notes .note")).some(function (note) {
                return note.textContent.trim() === typed.trim();
            });
        }
        function save() {
            var again = unanswered;
            var now = again || { typed: box.value, body: new URLSearchParams(new FormData(form)) };
            if (underway || is_over || form.dataset.sent ||
                (!again && (now.typed === box.defaultValue || !now.typed.trim() ||
                            stands_there(now.typed)))) {
                return;
            }
            now.body.set("autosave", "1");
            field_set("autosave", "before"); /* if no answer comes, this is still one note */
            unanswered = now;
            var cut = new AbortController();
            setTimeout(function () {
                cut.abort();
            }, 20000);
            underway = fetch(form.action, {
                method: "POST", body: now.body, redirect: "manual", cache: "no-store",
                signal: cut.signal
            }).then(function (answer) {
                unanswered = answer.status < 500 ? null : now;
                return answered(answer, now.typed);
            }).catch(function () {
                told.textContent = told.dataset.failed;
            }).then(function () {
                underway = null;
                if (again && !unanswered) {
                    save(); /* what was typed since */
                }
            });
        }
        var has_waited = false;
        form.addEventListener("submit", function (event) {
            if (unanswered && !has_waited) {
                save();
            }
            if (underway) {
                event.preventDefault();
                event.stopImmediatePropagation();
                underway.then(function () {
                    has_waited = true;
                    form.requestSubmit(event.submitter);
                    has_waited = false;
                });
            }
        });
        document.addEventListener("visibilitychange", function () {
            if (document.visibilityState === "hidden") {
                save();
            }
        });
        setInterval(save, Number(form.dataset.autosave) * 1000);
    }

    /* Of a select without a mark the first is taken. A form that has come back holds what is saved
     * nowhere, though it was loaded with it. */
    function is_typed(field, came_back) {
        var marked = Array.from(field.options || []).findIndex(function (option) {
            return option.defaultSelected;
        });
        if (field.tagName === "SELECT") {
            return field.selectedIndex !== (came_back ? 0 : Math.max(marked, 0));
        }
        if (/^(checkbox|radio)$/.test(field.type)) {
            return field.checked !== (!came_back && field.defaultChecked);
        }
        return /^(textarea|text|email|tel|date|number)$/.test(field.type) && !field.readOnly &&
               (field.value !== field.defaultValue || (came_back && field.value.trim()));
    }
    function is_unsaved(form) {
        var came_back = document.querySelector("#problem, [data-unsaved]");
        return form !== sent && form.method === "post" &&
               (form.hasAttribute("data-unsaved") || Array.from(form.elements).some(function (field) {
            return is_typed(field, came_back);
        }));
    }

    window.addEventListener("submit", function (event) {
        if (!event.defaultPrevented && event.target.method === "post") {
            sent = event.target;
        }
    });
    window.addEventListener("pageshow", function () {
        sent = null;
    });
    window.addEventListener("beforeunload", function (event) {
        if (Array.from(document.forms).some(is_unsaved)) {
            event.preventDefault();
            /* who stays can send it again */
            setTimeout(function () {
                if (sent) {
                    delete sent.dataset.sent;
                }
                sent = null;
            }, 0);
        }
    });
}());
