# R's values of every estimator, on the cohorts of cohorts.csv and on the synthetic cohort.
#
#   Rscript book/trust/r_values.R        (from the root of the repository)
#
# writes tests/data/trust/r_values.csv and r_versions.csv. Needs the packages survival, cmprsk and
# brglm2. To be run again whenever data/synthetic_cohort.csv has changed; a test says so.
suppressMessages({library(survival); library(cmprsk); library(brglm2); library(splines)})
folder <- "tests/data/trust/"
cohorts <- read.csv(paste0(folder, "cohorts.csv"), na.strings = "")
synthetic <- read.csv("data/synthetic_cohort.csv", na.strings = "")
synthetic$cohort <- "synthetic"
cohorts <- rbind(cohorts, synthetic[names(cohorts)])

control <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 100)
times <- c(12, 24, 36)
rows <- list()
put <- function(cohort, estimator, ...) {
  values <- unlist(list(...))
  if (is.null(values)) return(invisible())
  rows[[length(rows) + 1]] <<- data.frame(cohort, estimator, quantity = names(values),
                                          value = as.numeric(values))
}
# What R refuses, or warns of, has no value.
attempt <- function(expression) tryCatch(suppressWarnings(expression), error = function(e) NULL)
finite <- function(fit) {
  if (is.null(fit) || anyNA(coef(fit)) || !all(is.finite(vcov(fit)))) return(FALSE)
  spread <- apply(model.matrix(fit), 2, function(x) diff(range(x)))[names(coef(fit))]
  far <- abs(coef(fit)) * spread
  !any(far > 50 | far > 12 & abs(coef(fit)) < 1.96 * sqrt(diag(vcov(fit))))
}
named <- function(prefix, values, of) setNames(as.list(as.numeric(values)), paste(prefix, of))
wald <- function(fit, of) {
  se <- sqrt(diag(vcov(fit)))
  c(named("coef", coef(fit), of), named("se", se, of), named("p", 2 * pnorm(-abs(coef(fit) / se)), of))
}
at_months <- function(fit, prefix, columns) {
  out <- list()
  for (t in times) {
    s <- attempt(summary(fit, times = t))
    if (is.null(s) || length(s$time) == 0) next
    for (column in names(columns)) out[[paste(prefix, column, t)]] <- columns[[column]](s)
  }
  out
}

# Firth's penalty on Cox's likelihood: the maximum is looked for in the dark, since no function of
# these packages has it with Efron's ties.
firth_cox <- function(data, columns) {
  x <- as.matrix(data[columns]); scale <- apply(x, 2, sd); x <- scale(x)
  penalized <- function(b) {
    fit <- suppressWarnings(coxph(Surv(follow_up_months, death) ~ x, data = data, init = b,
                                  control = coxph.control(iter.max = 0)))
    fit$loglik[2] - 0.5 * determinant(as.matrix(fit$var))$modulus
  }
  best <- optim(rep(0, ncol(x)), function(b) -penalized(b), method = "BFGS",
                control = list(reltol = 1e-15, maxit = 1000))
  for (i in 1:3) best <- optim(best$par, function(b) -penalized(b), method = "Nelder-Mead",
                               control = list(reltol = 1e-16, maxit = 5000))
  hold <- function(i, value) {
    if (ncol(x) == 1) return(penalized(value))
    -optim(best$par[-i], function(b) -penalized(append(b, value, i - 1)), method = "BFGS",
           control = list(reltol = 1e-14, maxit = 1000))$value
  }
  beyond <- function(v) 2 * (-best$value - hold(1, v)) - qchisq(0.95, 1)
  width <- 1 / sqrt(nrow(data))
  find <- function(side) {
    far <- best$par[1] + side * width
    while (beyond(far) < 0) far <- far + side * width
    uniroot(beyond, sort(c(best$par[1], far)), tol = 1e-10)$root
  }
  list("coef size" = best$par[1] / scale[1], "lower size" = find(-1) / scale[1],
       "upper size" = find(1) / scale[1])
}

for (name in unique(cohorts$cohort)) {
  d <- cohorts[cohorts$cohort == name, ]
  d$class_b <- as.integer(d$child_pugh_class == "B")
  d$no_cr <- as.integer(d$best_response != "CR")
  d$failure_months <- ifelse(d$local_failure == 1, d$local_failure_months, d$follow_up_months)
  d$state <- factor(ifelse(d$local_failure == 1, 1, ifelse(d$death == 1, 2, 0)), 0:2)
  small <- nrow(d) < 10

  km <- survfit(Surv(follow_up_months, death) ~ 1, d, conf.type = "log-log")
  put(name, "Kaplan-Meier", at_months(km, "", list(
    "survival" = function(s) s$surv, "lower" = function(s) s$lower,
    "upper" = function(s) s$upper, "at risk" = function(s) s$n.risk)))
  q <- quantile(km, 0.5)
  put(name, "median", median = q$quantile, lower = q$lower, upper = q$upper)

  two <- attempt(survdiff(Surv(follow_up_months, death) ~ class_b, d))
  if (!is.null(two)) put(name, "log-rank", p = pchisq(two$chisq, 1, lower.tail = FALSE))

  cox <- attempt(coxph(Surv(follow_up_months, death) ~ class_b + tumor_size_cm + prior_sessions, d,
                       control = control))
  of <- c("class", "size", "sessions")
  if (finite(cox) && cox$nevent > 3) {
    put(name, "Cox", wald(cox, of))
    zph <- attempt(cox.zph(cox))
    if (!is.null(zph)) put(name, "proportional hazards",
        named("chi2", zph$table[, "chisq"], c(of, "together")), named("p", zph$table[, "p"], c(of, "together")))
    harrell <- concordance(cox); uno <- concordance(cox, timewt = "n/G2")
    put(name, "concordance", harrell = harrell$concordance, "harrell se" = sqrt(harrell$var),
        uno = uno$concordance, "uno se" = sqrt(uno$var))
  }
  within <- attempt(survdiff(Surv(follow_up_months, death) ~ prior_sessions + strata(class_b), d))
  if (!is.null(within)) put(name, "log-rank, stratified",
      p = pchisq(within$chisq, length(unique(na.omit(d$prior_sessions[!is.na(d$class_b)]))) - 1, lower.tail = FALSE))
  stratified <- attempt(coxph(Surv(follow_up_months, death) ~ tumor_size_cm + prior_sessions + strata(class_b), d,
                              control = control))
  if (finite(stratified) && stratified$nevent > 2)
    put(name, "Cox, stratified", wald(stratified, c("size", "sessions")))

  explored <- attempt(coxph(Surv(follow_up_months, death) ~ class_b + tumor_size_cm + no_cr, d,
                            control = control))
  if (finite(explored) && !small) put(name, "predicted survival", at_months(
      survfit(explored, newdata = data.frame(class_b = 1, tumor_size_cm = 3, no_cr = 0)), "", list(
    "survival" = function(s) s$surv, "lower" = function(s) s$lower, "upper" = function(s) s$upper)))

  left <- d[d$follow_up_months > 3, ]
  left$late <- as.integer(!(!is.na(left$complete_response_months) & left$complete_response_months <= 3))
  landmark <- if (nrow(left) > 0) attempt(coxph(Surv(follow_up_months, death) ~ late, left, control = control))
  if (!is.null(landmark) && finite(landmark) && landmark$nevent > 1)
    put(name, "landmark", ratio = exp(coef(landmark)), p = wald(landmark, "x")[["p x"]])

  if (any(d$state == 1)) {
    aj <- survfit(Surv(failure_months, state) ~ 1, d, conf.type = "log-log")
    put(name, "cumulative incidence", at_months(aj, "", list(
      "incidence" = function(s) s$pstate[, 2], "se" = function(s) s$std.err[, 2],
      "lower" = function(s) s$lower[, 2], "upper" = function(s) s$upper[, 2])))
    known <- d[complete.cases(d[c("class_b", "tumor_size_cm")]), ]
    known$row <- seq_len(nrow(known))
    fg <- attempt({
      wide <- finegray(Surv(failure_months, state) ~ class_b + tumor_size_cm + row, known, etype = "1", id = row)
      coxph(Surv(fgstart, fgstop, fgstatus) ~ class_b + tumor_size_cm, wide, weights = fgwt,
            cluster = row, control = control)
    })
    # Of a level without events the robust error of an infinite ratio is small: looked at by size.
    if (finite(fg) && all(abs(coef(fg)) < 12) && sum(known$state == 1) > 2) {
      put(name, "Fine-Gray", wald(fg, c("class", "size")))
      put(name, "Fine-Gray, cmprsk", named("coef", crr(known$failure_months, known$state,
          known[c("class_b", "tumor_size_cm")], gtol = 1e-12, maxiter = 50)$coef, c("class", "size")))
    }
    gray <- attempt(cuminc(known$failure_months, known$state, known$class_b)$Tests["1", ])
    if (!is.null(gray) && length(unique(known$class_b)) == 2)
      put(name, "Gray's test", chi2 = gray[["stat"]], p = gray[["pv"]])
  }

  until <- 24
  if (max(d$follow_up_months) >= until || min(km$surv) == 0) {
    rm <- summary(km, rmean = until)$table
    put(name, "restricted mean", months = rm[["rmean"]], se = rm[["se(rmean)"]])
    both <- survfit(Surv(follow_up_months, death) ~ class_b, d)
    last <- tapply(d$follow_up_months, d$class_b, max)
    ends <- sapply(0:1, function(g) min(survfit(Surv(follow_up_months, death) ~ 1, d, subset = which(d$class_b == g))$surv))
    if (length(last) == 2 && all(last >= until | ends == 0)) {
      t <- summary(both, rmean = until)$table
      gap <- t[2, "rmean"] - t[1, "rmean"]; se <- sqrt(sum(t[, "se(rmean)"]^2))
      put(name, "restricted mean difference", months = gap, se = se, p = 2 * pnorm(-abs(gap / se)))
    }
  }

  change <- d[!is.na(d$tumor_size_cm), ]
  change$row <- seq_len(nrow(change))
  merged <- attempt({
    base <- tmerge(change[c("row", "tumor_size_cm", "child_pugh_class")], change, id = row,
                   died = event(follow_up_months, death))
    tmerge(base, change, id = row, cr = tdc(complete_response_months))
  })
  varying <- if (!is.null(merged)) attempt(coxph(Surv(tstart, tstop, died) ~ tumor_size_cm + cr, merged, control = control))
  if (!is.null(varying) && finite(varying) && varying$nevent > 2 && all(table(merged$cr[merged$died == 1]) > 0) &&
      length(unique(merged$cr[merged$died == 1])) == 2)
    put(name, "time-varying", wald(varying, c("size", "changed")))

  full <- d[complete.cases(d[c("class_b", "tumor_size_cm")]), ]
  if (sum(full$death) > 0 && nrow(full) > 4 && length(unique(full$class_b)) == 2 &&
      name %in% c("drawn 01", "drawn 02", "synthetic", "whole months, many ties", "a level without events",
                  "five patients", "everybody dies"))
    put(name, "Firth's Cox", firth_cox(full, c("tumor_size_cm", "class_b")))

  sized <- d[!is.na(d$tumor_size_cm), ]
  if (length(unique(sized$no_cr)) == 2) {
    fine <- glm.control(epsilon = 1e-14, maxit = 100)
    logit <- attempt(glm(no_cr ~ tumor_size_cm, binomial, sized, control = fine))
    # glm takes the standard errors from one step before its last: begun at the estimate, it has
    # them there.
    again <- attempt(glm(no_cr ~ tumor_size_cm, binomial, sized, control = fine, start = coef(logit)))
    if (!is.null(again) && again$converged && abs(coef(again)[2]) < 10 && !small) {
      b <- summary(again)$coefficients[2, ]
      put(name, "logistic", coef = b[[1]], se = b[[2]], p = b[[4]])
    }
    firth <- attempt(glm(no_cr ~ tumor_size_cm, binomial, sized, method = "brglmFit", type = "AS_mean",
                         epsilon = 1e-13, maxit = 1000))
    if (!is.null(firth) && !small) put(name, "Firth's logistic", coef = coef(firth)[[2]],
                             se = sqrt(diag(vcov(firth)))[[2]])
  }

  curve <- attempt(coxph(Surv(follow_up_months, death) ~ ns(tumor_size_cm, 3), sized, control = control))
  line <- attempt(coxph(Surv(follow_up_months, death) ~ tumor_size_cm, sized, control = control))
  if (!is.null(curve) && !anyNA(coef(curve)) && sum(sized$death) > 3 && !small &&
      length(unique(quantile(sized$tumor_size_cm, 0:3 / 3))) == 4) {
    statistic <- 2 * (curve$loglik[2] - line$loglik[2])
    put(name, "spline", chi2 = statistic, p = pchisq(statistic, 2, lower.tail = FALSE))
    two <- predict(curve, data.frame(tumor_size_cm = c(2, 4)), type = "lp")
    put(name, "spline", "ratio of 4 to 2 cm" = exp(two[2] - two[1]))
  }
}

values <- do.call(rbind, rows)
values$quantity <- trimws(sub("\\.(x|size|tumor_size_cm|2|50|late)$", "", trimws(values$quantity)))
values <- values[!is.na(values$value) | values$estimator %in% c("Kaplan-Meier", "median", "cumulative incidence"), ]
values$value <- ifelse(is.na(values$value), "", sprintf("%.17g", values$value))
write.csv(values, paste0(folder, "r_values.csv"), row.names = FALSE)
versions <- data.frame(
  what = c("R", "survival", "cmprsk", "brglm2", "synthetic cohort, md5"),
  version = c(paste(R.version$major, R.version$minor, sep = "."),
              sapply(c("survival", "cmprsk", "brglm2"), function(p) as.character(packageVersion(p))),
              unname(tools::md5sum("data/synthetic_cohort.csv"))))
write.csv(versions, paste0(folder, "r_versions.csv"), row.names = FALSE)
