from .analysis.believable import (
    believable as believable,
)
from .analysis.believable import (
    events_by_half_year as events_by_half_year,
)
from .analysis.believable import (
    hazard_after as hazard_after,
)
from .analysis.bootstrap import (
    bootstrap as bootstrap,
)
from .analysis.competing_risks import (
    against_kaplan_meier as against_kaplan_meier,
)
from .analysis.competing_risks import (
    cumulative_incidence as cumulative_incidence,
)
from .analysis.competing_risks import (
    incidence_with_limits as incidence_with_limits,
)
from .analysis.discrimination import (
    calibration as calibration,
)
from .analysis.discrimination import (
    concordance as concordance,
)
from .analysis.discrimination import (
    linear_predictor as linear_predictor,
)
from .analysis.discrimination import (
    optimism as optimism,
)
from .analysis.discrimination import (
    predicted_risk as predicted_risk,
)
from .analysis.dose_by_indication import (
    dose_in_parts as dose_in_parts,
)
from .analysis.dose_by_indication import (
    ratios_of_nothing as ratios_of_nothing,
)
from .analysis.dose_limits import (
    check_plan as check_plan,
)
from .analysis.dose_limits import (
    organ_limits as organ_limits,
)
from .analysis.e_value import (
    e_value as e_value,
)
from .analysis.effect_over_time import (
    effect_by_period as effect_by_period,
)
from .analysis.eligibility import (
    eligibility as eligibility,
)
from .analysis.eligibility import (
    eligibility_counts as eligibility_counts,
)
from .analysis.eligibility import (
    fails_a_criterion as fails_a_criterion,
)
from .analysis.eligibility import (
    incomplete_tace as incomplete_tace,
)
from .analysis.eligibility import (
    recurrence_site as recurrence_site,
)
from .analysis.fine_gray import (
    fine_gray as fine_gray,
)
from .analysis.fine_gray import (
    grays_test as grays_test,
)
from .analysis.fine_gray import (
    two_hazards as two_hazards,
)
from .analysis.firth import (
    firth_cox as firth_cox,
)
from .analysis.firth import (
    firth_logistic as firth_logistic,
)
from .analysis.known_later import (
    response_in_four_ways as response_in_four_ways,
)
from .analysis.landmark import (
    at_landmark as at_landmark,
)
from .analysis.landmark import (
    landmark_comparison as landmark_comparison,
)
from .analysis.multiverse import (
    CHOICES as CHOICES,
)
from .analysis.multiverse import (
    by_choice as by_choice,
)
from .analysis.multiverse import (
    is_papers as is_papers,
)
from .analysis.multiverse import (
    multiverse as multiverse,
)
from .analysis.multiverse import (
    summary as summary,
)
from .analysis.proportionality import (
    proportional_hazards as proportional_hazards,
)
from .analysis.proportionality import (
    schoenfeld_residuals as schoenfeld_residuals,
)
from .analysis.proportions import (
    exact_interval as exact_interval,
)
from .analysis.random_part import (
    random_part as random_part,
)
from .analysis.recurrence import (
    sites_of_recurrence as sites_of_recurrence,
)
from .analysis.regression import (
    FIT_OPTIONS as FIT_OPTIONS,
)
from .analysis.regression import (
    backward_elimination as backward_elimination,
)
from .analysis.regression import (
    cox as cox,
)
from .analysis.regression import (
    reasons as reasons,
)
from .analysis.replicates import (
    of_drawn as of_drawn,
)
from .analysis.response import (
    by_last_tace as by_last_tace,
)
from .analysis.response import (
    cumulative_response as cumulative_response,
)
from .analysis.response import (
    residual_burden_p as residual_burden_p,
)
from .analysis.response import (
    response_states as response_states,
)
from .analysis.response import (
    response_times as response_times,
)
from .analysis.restricted_mean import (
    restricted_mean as restricted_mean,
)
from .analysis.restricted_mean import (
    restricted_mean_difference as restricted_mean_difference,
)
from .analysis.selection import (
    selection as selection,
)
from .analysis.simulation import (
    draw_cohort as draw_cohort,
)
from .analysis.spline import (
    spline_cox as spline_cox,
)
from .analysis.survival import (
    event_times as event_times,
)
from .analysis.survival import (
    kaplan_meier as kaplan_meier,
)
from .analysis.survival import (
    kaplan_meier_by as kaplan_meier_by,
)
from .analysis.survival import (
    logrank as logrank,
)
from .analysis.survival import (
    number_at_risk as number_at_risk,
)
from .analysis.survival import (
    rates_table as rates_table,
)
from .analysis.survival import (
    reverse_kaplan_meier as reverse_kaplan_meier,
)
from .analysis.time_varying import (
    cox_with_change as cox_with_change,
)
from .analysis.time_varying import (
    split_at_change as split_at_change,
)
from .analysis.waiting import (
    balance as balance,
)
from .analysis.waiting import (
    decisions as decisions,
)
from .cohort.columns import (
    require as require,
)
from .cohort.columns import (
    require_any as require_any,
)
from .cohort.derived import (
    derive as derive,
)
from .cohort.ensemble import (
    load_ensemble as load_ensemble,
)
from .cohort.ensemble import (
    over_ensemble as over_ensemble,
)
from .cohort.loading import (
    load_cohort as load_cohort,
)
from .cohort.loading import (
    provenance as provenance,
)
from .cohort.made import (
    apply_mapping as apply_mapping,
)
from .cohort.mapping_file import (
    load_mapping as load_mapping,
)
from .cohort.validation import (
    validate as validate,
)
from .compare.centres import (
    Centres as Centres,
)
from .compare.differences import (
    as_text as as_text,
)
from .compare.differences import (
    compare_hazards as compare_hazards,
)
from .compare.differences import (
    compare_medians as compare_medians,
)
from .compare.differences import (
    compare_rates as compare_rates,
)
from .compare.differences import (
    compare_shares as compare_shares,
)
from .compare.judge import (
    judge as judge,
)
from .compare.open_questions import (
    QUESTIONS as QUESTIONS,
)
from .compare.open_questions import (
    Question as Question,
)
from .compare.pinned import (
    LIKELY as LIKELY,
)
from .compare.pinned import (
    OPEN as OPEN,
)
from .compare.pinned import (
    SAME as SAME,
)
from .compare.pinned import (
    SIGN as SIGN,
)
from .compare.pinned import (
    Pinned as Pinned,
)
from .compare.pinned import (
    pinned as pinned,
)
from .compare.scorecard import (
    MISSES as MISSES,
)
from .compare.scorecard import (
    VERDICTS as VERDICTS,
)
from .compare.scorecard import (
    by_section as by_section,
)
from .compare.scorecard import (
    scorecard as scorecard,
)
from .compare.scorecard import (
    section as section,
)
from .compare.scorecard import (
    tally as tally,
)
from .compare.side_by_side import (
    compare_logistic as compare_logistic,
)
from .compare.side_by_side import (
    compare_regression as compare_regression,
)
from .compare.side_by_side import (
    mark as mark,
)
from .compare.side_by_side import (
    side_by_side as side_by_side,
)
from .compare.spread import (
    answer as answer,
)
from .compare.spread import (
    spread as spread,
)
from .compare.spread import (
    verdicts as verdicts,
)
from .compare.trust import (
    ESTIMATORS as ESTIMATORS,
)
from .compare.trust import (
    agreement as agreement,
)
from .compare.trust import (
    checksum as checksum,
)
from .compare.trust import (
    digits as digits,
)
from .compare.trust import (
    digits_by_kind as digits_by_kind,
)
from .compare.trust import (
    read_cohorts as read_cohorts,
)
from .compare.trust import (
    read_values as read_values,
)
from .compare.trust import (
    refusals as refusals,
)
from .compare.trust import (
    whole_digits as whole_digits,
)
from .core.dictionary import (
    load_dictionary as load_dictionary,
)
from .core.disclosure import (
    MADE_UP as MADE_UP,
)
from .core.dose import (
    bed_gy as bed_gy,
)
from .core.dose import (
    bed_lql_gy as bed_lql_gy,
)
from .core.dose import (
    eqd2_gy as eqd2_gy,
)
from .core.errors import (
    CannotShow as CannotShow,
)
from .core.errors import (
    InvalidCohort as InvalidCohort,
)
from .core.formatting import (
    counts_behind as counts_behind,
)
from .core.formatting import (
    p_value as p_value,
)
from .core.formatting import (
    percent as percent,
)
from .core.formatting import (
    printable_percentages as printable_percentages,
)
from .core.formatting import (
    rounded as rounded,
)
from .core.formatting import (
    with_interval as with_interval,
)
from .core.paths import (
    DATA as DATA,
)
from .core.paths import (
    SYNTHETIC_COHORT as SYNTHETIC_COHORT,
)
from .core.paths import (
    TRUST as TRUST,
)
from .page.agreeing import (
    in_words as in_words,
)
from .page.agreeing import (
    over_cohorts as over_cohorts,
)
from .page.agreeing import (
    own_in_words as own_in_words,
)
from .page.agreeing import (
    verdict_table as verdict_table,
)
from .page.checking import (
    check as check,
)
from .page.counts import (
    counted_columns as counted_columns,
)
from .page.counts import (
    counted_landmarks as counted_landmarks,
)
from .page.counts import (
    counted_rates as counted_rates,
)
from .page.counts import (
    counted_states as counted_states,
)
from .page.counts import (
    events_of as events_of,
)
from .page.counts import (
    model_size as model_size,
)
from .page.figures import (
    COLOURS as COLOURS,
)
from .page.figures import (
    LINES as LINES,
)
from .page.figures import (
    PAPER_COLOUR as PAPER_COLOUR,
)
from .page.figures import (
    WIDTH as WIDTH,
)
from .page.figures import (
    Shown as Shown,
)
from .page.figures import (
    canvas as canvas,
)
from .page.figures import (
    describe as describe,
)
from .page.figures import (
    draw_rug as draw_rug,
)
from .page.figures import (
    draw_steps as draw_steps,
)
from .page.figures import (
    plot_forest as plot_forest,
)
from .page.figures import (
    plot_incidence as plot_incidence,
)
from .page.figures import (
    plot_survival as plot_survival,
)
from .page.flow import (
    Box as Box,
)
from .page.flow import (
    plot_flow as plot_flow,
)
from .page.front import (
    three_numbers as three_numbers,
)
from .page.here import (
    Here as Here,
)
from .page.notebook import (
    load_ipython_extension as load_ipython_extension,
)
from .page.notebook import (
    say as say,
)
from .page.notebook import (
    unload_ipython_extension as unload_ipython_extension,
)
from .page.scheme import (
    plot_target_volumes as plot_target_volumes,
)
from .page.specifications import (
    plot_specifications as plot_specifications,
)
from .page.steps import (
    from_zero as from_zero,
)
from .page.steps import (
    value_at as value_at,
)
from .page.table import (
    Table as Table,
)
from .page.ways import (
    Ways as Ways,
)
from .page.widgets.bed_calculator import (
    BedCalculator as BedCalculator,
)
from .page.widgets.checkup import (
    CheckUp as CheckUp,
)
from .page.widgets.cutpoint_explorer import (
    CutpointExplorer as CutpointExplorer,
)
from .page.widgets.exercises import (
    Exercises as Exercises,
)
from .page.widgets.exercises import (
    answers as answers,
)
from .page.widgets.exercises import (
    exercise_map as exercise_map,
)
from .page.widgets.hazard_explorer import (
    HazardExplorer as HazardExplorer,
)
from .page.widgets.prediction import (
    Prediction as Prediction,
)
from .page.widgets.response_timeline import (
    ResponseTimeline as ResponseTimeline,
)
from .page.widgets.size_glance import (
    SizeGlance as SizeGlance,
)
from .page.widgets.timelines import (
    PatientTimelines as PatientTimelines,
)
from .page.widgets.waiting_balance import (
    WaitingBalance as WaitingBalance,
)
from .paper.chapters import (
    ADVERSE_EVENTS as ADVERSE_EVENTS,
)
from .paper.consistency import (
    contradictions as contradictions,
)
from .paper.consistency import (
    interval_checks as interval_checks,
)
from .paper.consistency import (
    percentage_checks as percentage_checks,
)
from .paper.consistency import (
    repeated as repeated,
)
from .paper.consistency import (
    wholes_of as wholes_of,
)
from .paper.criteria import (
    CRITERIA as CRITERIA,
)
from .paper.criteria import (
    INCOMPLETE_TACE as INCOMPLETE_TACE,
)
from .paper.implied import (
    event_splits as event_splits,
)
from .paper.implied import (
    feasible as feasible,
)
from .paper.implied import (
    fewest_events as fewest_events,
)
from .paper.implied import (
    inflation as inflation,
)
from .paper.implied import (
    published_coefficients as published_coefficients,
)
from .paper.layout import (
    CHARACTERISTICS_IN_TEXT as CHARACTERISTICS_IN_TEXT,
)
from .paper.layout import (
    TABLE_1 as TABLE_1,
)
from .paper.register import (
    fill as fill,
)
from .paper.register import (
    places as places,
)
from .paper.register import (
    published as published,
)
from .paper.register import (
    register as register,
)
from .paper.reporting import (
    by_guideline as by_guideline,
)
from .paper.reporting import (
    questions as questions,
)
from .paper.reporting import (
    reporting as reporting,
)
from .paper.study import (
    ANY_CR as ANY_CR,
)
from .paper.study import (
    BCLC as BCLC,
)
from .paper.study import (
    BED as BED,
)
from .paper.study import (
    CHILD_PUGH as CHILD_PUGH,
)
from .paper.study import (
    CR_3_MONTHS as CR_3_MONTHS,
)
from .paper.study import (
    DISTANT_MFS as DISTANT_MFS,
)
from .paper.study import (
    ENDPOINTS as ENDPOINTS,
)
from .paper.study import (
    INTRAHEPATIC_RFS as INTRAHEPATIC_RFS,
)
from .paper.study import (
    LOCAL_CONTROL as LOCAL_CONTROL,
)
from .paper.study import (
    MODELLED as MODELLED,
)
from .paper.study import (
    MULTIVARIABLE as MULTIVARIABLE,
)
from .paper.study import (
    OVERALL_SURVIVAL as OVERALL_SURVIVAL,
)
from .paper.study import (
    RATE_MONTH as RATE_MONTH,
)
from .paper.study import (
    RATE_MONTHS as RATE_MONTHS,
)
from .paper.study import (
    REGIMENS as REGIMENS,
)
from .paper.study import (
    SITES as SITES,
)
from .paper.study import (
    SIZE as SIZE,
)
from .paper.study import (
    TERM_BY_COLUMN as TERM_BY_COLUMN,
)
from .paper.study import (
    TERMS as TERMS,
)
from .paper.study import (
    UNIVARIABLE as UNIVARIABLE,
)
from .paper.targets import (
    OS_JOINT as OS_JOINT,
)
from .paper.targets import (
    published_rows as published_rows,
)
from .paper.targets import (
    tolerated_interval as tolerated_interval,
)
