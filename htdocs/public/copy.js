/* copy.js -- what is there to be copied has a button that does; without it one selects the text. The
 * newer way is for pages over TLS alone, and not everybody's clinic has that within its walls. */
(function () {
    "use strict";

    document.querySelectorAll("[data-copy]").forEach(function (button) {
        var box = document.getElementById(button.dataset.copy);

        button.hidden = false;
        button.addEventListener("click", function () {
            box.select();
            if (document.execCommand("copy")) {
                button.nextElementSibling.textContent = button.dataset.said;
                button.focus();
            } else {
                box.focus();
            }
        });
    });
}());
