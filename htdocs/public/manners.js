/* manners.js -- a new organisation's dates and time zone, as this browser has them; whoever fills in
 * the form sees them, and may choose others. */
(function () {
    "use strict";
    var zones = document.getElementById("timeZone");
    var formats = document.getElementById("dateFormat");

    propose(formats, date_format());
    propose(zones, zone_here());

    function propose(select, value) {
        if (!select.value && has(select, value)) {
            select.value = value;
        }
    }

    function has(select, value) {
        return Array.from(select.options).some(function (option) {
            return option.value === value;
        });
    }

    /* The numbers of mq_date_format_t: 0 year first, 1 day first with dots, 2 with slashes, 3 month
     * first. */
    function date_format() {
        var parts = new Intl.DateTimeFormat(navigator.language).formatToParts(new Date());
        var order = parts.filter(function (part) {
            return part.type === "day" || part.type === "month" || part.type === "year";
        }).map(function (part) {
            return part.type;
        });
        var dots = parts.some(function (part) {
            return part.type === "literal" && part.value.indexOf(".") >= 0;
        });
        return order[0] === "month" ? "3" : order[0] === "year" ? "0" : dots ? "1" : "2";
    }

    /* Browsers may have a place's former name (Asia/Calcutta) where the list has today's. */
    function zone_here() {
        var here = Intl.DateTimeFormat().resolvedOptions().timeZone;
        if (has(zones, here)) {
            return here;
        }
        for (var i = 0; i < zones.options.length; i++) {
            try {
                var name = zones.options[i].value;
                if (name && new Intl.DateTimeFormat("en", {timeZone: name}).resolvedOptions().timeZone ===
                    here) {
                    return name;
                }
            } catch (unknown) { /* to this browser */
            }
        }
        return "";
    }
}());
