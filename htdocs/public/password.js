/* password.js -- a password can be looked at while it is typed. A page with two of them has this twice:
 * the second time there is nothing left to do. */
(function () {
    "use strict";

    document.querySelectorAll("button.look[hidden]").forEach(function (button) {
        var box = document.getElementById(button.getAttribute("aria-controls"));

        function show(is_shown) {
            box.type = is_shown ? "text" : "password";
            button.setAttribute("aria-pressed", String(is_shown));
        }
        button.hidden = false;
        button.addEventListener("click", function () {
            show(box.type === "password");
        });
        /* or the browser would remember it as any text */
        box.form.addEventListener("submit", function () {
            show(false);
        });
    });
}());
