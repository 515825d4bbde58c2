# The reference values that the unit tests compare with, as R's survival and glm give them.
#
#   Rscript tests/data/reference.R        (from the root of the repository)
#
# writes tests/data/reference_cohort.csv (60 made-up patients from a fixed seed, with tied times)
# and tests/data/reference_r.json. Both are committed: R is not needed to run the tests.
suppressMessages(library(survival))
set.seed(20121117)

n <- 60
size <- round(runif(n, 0.8, 6), 1)
class_b <- rbinom(n, 1, 0.3)
months <- ceiling(rexp(n, 0.02 * exp(0.25 * (size - 3) + 0.7 * class_b)))
follow_up <- ceiling(runif(n, 10, 60))
transplant <- ifelse(seq_len(n) %in% c(5, 17), pmin(follow_up, 7), NA)
death <- as.integer(months <= follow_up)
follow_up <- pmin(months, follow_up)
transplant <- ifelse(!is.na(transplant) & transplant < follow_up, transplant, NA)
failure <- ceiling(rexp(n, 0.012 * exp(0.4 * (size - 3))))
end <- pmin(follow_up, transplant, na.rm = TRUE)
local_failure <- as.integer(failure <= end)
no_cr <- rbinom(n, 1, plogis(-2 + 0.5 * (size - 3)))

cohort <- data.frame(
  patient_id = sprintf("R%02d", seq_len(n)),
  child_pugh_class = ifelse(class_b == 1, "B", "A"),
  tumor_size_cm = size,
  best_response = ifelse(no_cr == 1, "SD", "CR"),
  complete_response_months = ifelse(no_cr == 1, NA, pmin(follow_up, round(rexp(n, 0.3), 1))),
  follow_up_months = follow_up,
  death = death,
  local_failure = local_failure,
  local_failure_months = ifelse(local_failure == 1, failure, NA),
  transplant_months = transplant
)
write.csv(cohort, "tests/data/reference_cohort.csv", row.names = FALSE, na = "", quote = FALSE)

local <- with(cohort, data.frame(
  months = ifelse(local_failure == 1, local_failure_months, end), event = local_failure))
control <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 100)
curve <- function(fit, times) {
  at <- summary(fit, times = times)
  list(times = times, at_risk = at$n.risk, survival = at$surv, lower = at$lower, upper = at$upper)
}
km <- function(formula) survfit(formula, data = cohort, conf.type = "log-log")
model <- function(formula, data = cohort) {
  fit <- coxph(formula, data = data, ties = "efron", control = control)
  table <- summary(fit)$coefficients
  list(coef = as.vector(table[, "coef"]), se = as.vector(table[, "se(coef)"]),
       p = as.vector(table[, "Pr(>|z|)"]), n = fit$n, events = fit$nevent)
}
os <- km(Surv(follow_up_months, death) ~ 1)
reverse <- km(Surv(follow_up_months, 1 - death) ~ 1)
quantiles <- function(fit) {
  q <- quantile(fit, 0.5)
  c(q$quantile, q$lower, q$upper)
}
state <- factor(ifelse(local$event == 1, 1, ifelse(death == 1 & local$months == follow_up, 2, 0)),
                levels = 0:2, labels = c("censored", "failure", "death"))
competing <- summary(survfit(Surv(local$months, state) ~ 1), times = c(6, 12, 24, 36))
test <- survdiff(Surv(follow_up_months, death) ~ child_pugh_class, data = cohort)
# Three centres in turn, and one patient of whom it is not known.
cohort$centre <- rep(c("A", "B", "C"), length.out = n)
cohort$centre[7] <- NA
three <- survdiff(Surv(follow_up_months, death) ~ centre, data = cohort)
within <- survdiff(Surv(follow_up_months, death) ~ child_pugh_class + strata(centre), data = cohort)
local$tumor_size_cm <- size
# glm takes the standard errors from one step before its last: begun at the estimate, it has them
# there.
fine <- glm.control(epsilon = 1e-14, maxit = 100)
estimate <- coef(glm(no_cr ~ size, family = binomial, control = fine))
logit <- summary(glm(no_cr ~ size, family = binomial, control = fine, start = estimate))$coefficients
# Four states: waiting, in CR, failed locally, dead. Who fails stays failed; of two events at one time
# the graver one counts; a transplantation ends observation before a failure.
stays <- do.call(rbind, lapply(seq_len(n), function(i) {
  last <- if (local_failure[i] == 1) follow_up[i] else end[i]
  dies <- death[i] == 1 && last == follow_up[i]
  fails <- if (local_failure[i] == 1 && !(dies && failure[i] >= last)) failure[i] else Inf
  responds <- if (no_cr[i] == 0) cohort$complete_response_months[i] else Inf
  if (responds >= min(fails, last)) responds <- Inf
  at <- c(responds, fails)
  what <- c("CR", "failed")[is.finite(at)]
  at <- at[is.finite(at)]
  data.frame(id = i, start = c(0, at), stop = c(at, last),
             event = c(what, if (dies) "dead" else "censored"))
}))
stays$event <- factor(stays$event, levels = c("censored", "CR", "failed", "dead"))
occupancy <- summary(survfit(Surv(start, stop, event) ~ 1, data = stays, id = id),
                     times = c(0, 1, 3, 6, 12, 24, 36))
reference <- list(
  made_with = paste0(R.version.string, ", survival ", packageVersion("survival")),
  overall_survival = curve(os, c(6, 12, 24, 36)),
  median = quantiles(os),
  local_control = curve(survfit(Surv(months, event) ~ 1, data = local, conf.type = "log-log"),
                        c(6, 12, 24, 36)),
  reverse_median = quantiles(reverse),
  competing = list(times = c(6, 12, 24, 36),
                   failure = competing$pstate[, 2], death = competing$pstate[, 3]),
  occupancy = list(times = c(0, 1, 3, 6, 12, 24, 36), states = occupancy$states,
                   shares = occupancy$pstate),
  logrank_p = pchisq(test$chisq, 1, lower.tail = FALSE),
  logrank_three_p = pchisq(three$chisq, 2, lower.tail = FALSE),
  logrank_stratified_p = pchisq(within$chisq, 1, lower.tail = FALSE),
  cox_stratified = model(Surv(follow_up_months, death) ~ child_pugh_class + tumor_size_cm +
                           strata(centre)),
  cox_size = model(Surv(follow_up_months, death) ~ tumor_size_cm),
  cox_both = model(Surv(follow_up_months, death) ~ child_pugh_class + tumor_size_cm),
  cox_local = model(Surv(months, event) ~ tumor_size_cm, data = local),
  logistic = list(coef = logit["size", "Estimate"], se = logit["size", "Std. Error"],
                  p = logit["size", "Pr(>|z|)"]),
  t_test_p = t.test(size[no_cr == 0], size[no_cr == 1], var.equal = TRUE)$p.value
)

# JSON without a package: numbers with 15 significant digits.
as_json <- function(x, indent = "") {
  inner <- paste0(indent, "  ")
  if (is.list(x)) {
    items <- vapply(names(x), function(k)
      paste0(inner, '"', k, '": ', as_json(x[[k]], inner)), "")
    return(paste0("{\n", paste(items, collapse = ",\n"), "\n", indent, "}"))
  }
  text <- if (is.character(x)) paste0('"', x, '"') else
    trimws(ifelse(is.na(x), "null", formatC(as.numeric(x), digits = 15, format = "g")))
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}
writeLines(as_json(reference), "tests/data/reference_r.json")
