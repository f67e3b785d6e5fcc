"""What every mart promises to its readers: its columns, and the grain that no two rows share.

Data only: the names are the contract with BI tools. Columns may be added; none is taken away or
changes its meaning without a new version.
"""

from __future__ import annotations

_PLACE = "year geography commune_code"
_COUNTS = (
    "households persons poor_households near_poor_households poor_persons poor_rate near_poor_rate"
    " multidimensional_poor_rate ethnic_minority_poor_households announced_poor_households"
    " derived_poor_households derived_near_poor_households class_mismatch_households"
    " class_filled_households households_source is_headline is_final"
)

# mart: (columns of its grain, further columns)
MARTS: dict[str, tuple[str, str]] = {
    "dim_commune": (
        "commune_code valid_from",
        "commune_name commune_type area_type district_code district_name province_code province_name"
        " valid_to is_current latitude longitude area_km2",
    ),
    "bridge_commune": (
        "old_code old_valid_from commune_code",
        "old_valid_to weight method legal_basis old_area_type area_type",
    ),
    "dim_indicator": ("standard indicator", "dimension weight name_vi threshold"),
    "dim_standard": (
        "standard",
        "legal_basis valid_from valid_to reviewed_from rural_line urban_line rural_upper_line"
        " urban_upper_line rural_line_points urban_line_points rural_upper_line_points"
        " urban_upper_line_points cutoff rule",
    ),
    "dim_programme": (
        "programme valid_from",
        "name_vi kind ceiling interest_rate legal_basis valid_to",
    ),
    "poverty_rate": (f"{_PLACE} standard", _COUNTS),
    "poverty_rate_province": (
        "year geography province_code area_type standard",
        f"{_COUNTS} poor_households_with_denominator communes_missing missing_commune_codes"
        " poor_households_area_changed change_from_previous_year",
    ),
    "poverty_transition": (
        f"{_PLACE} standard",
        " ".join(
            f"{poverty_class}_{unit}_{item}"
            for poverty_class, other in (("poor", "near_poor"), ("near_poor", "poor"))
            for unit in ("households", "persons")
            for item in (
                "at_start",
                f"to_{other}",
                "above_near_poor",
                "other_decrease",
                f"from_{other}",
                "fell_back",
                "new",
                "other_increase",
                "at_end",
                "gap",
            )
        )
        + " start_source balances listed_households linked_households begin_mismatch_households"
        " begin_without_link_households is_headline is_final",
    ),
    "deprivation": (
        f"{_PLACE} standard poverty_class indicator",
        "households deprived_households deprived_share",
    ),
    "deprivation_check": (
        f"{_PLACE} standard indicator",
        "households judged_households derived_households marked_households compared_households"
        " marked_not_derived_households derived_not_marked_households not_judged_households"
        " not_judged_share differing_households differing_share",
    ),
    "reclassified_poverty": (
        f"{_PLACE} applied_standard",
        "reviewed_standard listed_households poor_households near_poor_households not_poor_households"
        " not_classifiable_households without_score_households without_deprivations_households",
    ),
    "poverty_cause": (f"{_PLACE} standard cause", "poor_households share"),
    "poverty_group": (f"{_PLACE} standard group_type group_value", "poor_households near_poor_households"),
    "multidimensional_poverty": (
        "year geography standard k unit group_type group_value measure indicator",
        "estimate standard_error ci_low ci_high method observations",
    ),
    "monetary_poverty": (
        "year geography standard unit group_type group_value measure",
        "estimate standard_error ci_low ci_high method observations population not_judged_share",
    ),
    "credit": (
        "month geography commune_code programme",
        "clients households disbursed collected outstanding overdue frozen overdue_rate"
        " poor_households_reached poor_coverage",
    ),
    "housing_support": (
        f"{_PLACE} work_type",
        "eligible approved started finished accepted withdrawn approved_amount disbursed_amount"
        " disbursement_rate poor_households_in_bad_housing unmet_need",
    ),
    "health_access": (
        f"{_PLACE} poverty_class",
        "persons insured_persons insured_rate visits visits_per_person total_cost out_of_pocket",
    ),
    "sanitation": (
        _PLACE,
        "households hygienic_latrine_households hygienic_latrine_rate clean_water_households"
        " clean_water_rate children_u5_measured children_u5_stunted stunted_rate",
    ),
    "data_quality": ("year table_name file_hash outcome reason", "file_name records"),
    "release": (
        "release_id",
        "published_at code_version years inputs marts checksum records withdrawn_at compared_with changes"
        " approved_at",
    ),
    "release_change": (
        "release_id mart kind key column_name",
        "old_value new_value difference share year commune_code cells",
    ),
}


def grain(mart: str) -> list[str]:
    """The columns that tell a mart's rows apart."""
    return MARTS[mart][0].split()


def columns(mart: str) -> list[str]:
    """All columns that a mart promises."""
    return grain(mart) + MARTS[mart][1].split()
