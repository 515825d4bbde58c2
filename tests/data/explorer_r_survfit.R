# Reference values for tests/test_explorer.py: R's survfit(coxph(...), newdata = ...).
# Rscript tests/data/explorer_r_survfit.R  (R 4.2.2, survival 3.5-3)
library(survival)

cohort <- read.csv("tests/data/explorer_cohort.csv", na.strings = "")
cohort$bed10_gy <- with(cohort, total_dose_gy * (1 + total_dose_gy / fractions / 10))
cohort$any_cr <- factor(ifelse(cohort$best_response == "CR", "yes", "no"), c("yes", "no"))
cohort$afp_group <- factor(ifelse(cohort$afp_ng_ml > 20, ">20", "<=20"), c("<=20", ">20"))
cohort$failure_months <- with(cohort, ifelse(local_failure == 1, local_failure_months, follow_up_months))

fits <- list(
  local_failure = coxph(Surv(failure_months, local_failure) ~ bclc_stage + tumor_size_cm +
    prior_sessions + bed10_gy + any_cr, cohort),
  death = coxph(Surv(follow_up_months, death) ~ child_pugh_class + bclc_stage + tumor_size_cm +
    afp_group + bed10_gy + any_cr, cohort)
)
patients <- read.csv("tests/data/explorer_patients.csv")
rows <- list()
for (outcome in names(fits)) {
  fit <- fits[[outcome]]
  for (i in seq_len(nrow(patients))) {
    curve <- summary(survfit(fit, newdata = patients[i, ]), times = c(1, 6, 12, 24, 36, 48))
    rows[[length(rows) + 1]] <- data.frame(
      outcome, patient = i, month = curve$time,
      survival = curve$surv, lower = curve$lower, upper = curve$upper
    )
    # The hazard ratio against the first patient, from the covariance of the contrast.
    contrast <- model.matrix(delete.response(terms(fit)), patients[c(i, 1), ], xlev = fit$xlevels)[, -1]
    contrast <- contrast[1, ] - contrast[2, ]
    log_hr <- sum(contrast * coef(fit))
    half <- qnorm(0.975) * sqrt(drop(contrast %*% vcov(fit) %*% contrast))
    rows[[length(rows) + 1]] <- data.frame(
      outcome, patient = i, month = NA,
      survival = exp(log_hr), lower = exp(log_hr - half), upper = exp(log_hr + half)
    )
  }
}
values <- do.call(rbind, rows)
values[4:6] <- lapply(values[4:6], function(x) sprintf("%.12g", x))
write.csv(values, "tests/data/explorer_r_survfit.csv", row.names = FALSE, quote = FALSE, na = "")
