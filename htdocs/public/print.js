/* print.js -- a page made for paper has a button that prints it. */
(function () {
    "use strict";

    document.querySelectorAll("[data-print]").forEach(function (button) {
        button.hidden = false;
        button.addEventListener("click", function () {
            window.print();
        });
    });
}());
