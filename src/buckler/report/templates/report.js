"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const [severity, grade, rule, text, shown] = ["severity", "grade", "rule", "text", "shown"].map((id) => document.getElementById(id));
  const findings = [...document.querySelectorAll(".finding")];
  const words = new Map(findings.map((finding) => [finding, finding.textContent.toLowerCase()]));
  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    let number = 0;
    for (const finding of findings) {
      const fits = (!severity.value || finding.dataset.severity === severity.value)
        && (!grade || !grade.value || finding.dataset.grade === grade.value)
        && (!rule.value || finding.dataset.rule === rule.value)
        && (!wanted || words.get(finding).includes(wanted));
      finding.hidden = !fits;
      number += fits ? 1 : 0;
    }
    shown.textContent = `${number} of ${findings.length} shown`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
})();
