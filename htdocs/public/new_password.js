/* new_password.js -- a new password is told how good it is, before the server judges it. */
(function () {
    "use strict";

    document.querySelectorAll("[data-of]").forEach(function (told) {
        var box = document.getElementById(told.dataset.of);
        var timer;

        /* after a pause, or a screen reader would speak at each key */
        box.addEventListener("input", function () {
            clearTimeout(timer);
            timer = setTimeout(function () {
                var strength = password_strength(box.value, box.minLength);
                told.dataset.is = strength;
                told.textContent = strength ? told.dataset[strength] : "";
            }, 400);
        });
    });

    /* @return "" nothing is typed, short, simple, fair, strong. Whether it is a common one or made of
     * names, the server alone knows. */
    function password_strength(password, least) {
        var characters = Array.from(password.normalize("NFC"));
        if (characters.length === 0) {
            return "";
        }
        if (characters.length < least) {
            return "short";
        }
        if (is_simple(characters)) {
            return "simple";
        }
        return characters.length < least + 4 ? "fair" : "strong";
    }

    /* Few different characters, or most of them follow from the one before (abcd, 4321, qwerty), or
     * the same piece again and again. */
    function is_simple(characters) {
        var rows = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm";
        var text = characters.join("").toLowerCase();
        var backwards = rows.split("").reverse().join("");
        var follow = 0;
        for (var i = 1; i < text.length; i++) {
            var pair = text.slice(i - 1, i + 1);
            if (!/\s/.test(pair) && (pair[0] === pair[1] || rows.indexOf(pair) >= 0 ||
                                     backwards.indexOf(pair) >= 0)) {
                follow++;
            }
        }
        return new Set(characters).size < 6 || follow * 2 > text.length ||
               /^(.{1,8}?)\1+.{0,7}$/.test(text);
    }
}());
