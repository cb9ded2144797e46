// SPDX-License-Identifier: Apache-2.0
// Names that are probably meant to be one of the nine hooks: one letter missing, two swapped, gorm's and other
// libraries' spelling. C++20 cannot list the members of a type, so the likely mistakes are asked for one by one.
#pragma once

// clang-format off
#define SKUA_ORM_MISSPELT_HOOKS(X) \
    X(AFTER_CREATE) X(AFTER_DELETE) X(AFTER_FIND) X(AFTER_SAVE) X(AFTER_UPDATE) X(AfterCreate) X(AfterDelete) \
    X(AfterFind) X(AfterSave) X(AfterUpdate) X(BEFORE_CREATE) X(BEFORE_DELETE) X(BEFORE_SAVE) X(BEFORE_UPDATE) \
    X(BeforeCreate) X(BeforeDelete) X(BeforeSave) X(BeforeUpdate) X(afer_create) X(afer_delete) X(afer_find) \
    X(afer_save) X(afer_update) X(afetr_create) X(afetr_delete) X(afetr_find) X(afetr_save) X(afetr_update) \
    X(afte_create) X(afte_delete) X(afte_find) X(afte_rcreate) X(afte_rdelete) X(afte_rfind) X(afte_rsave) \
    X(afte_rupdate) X(afte_save) X(afte_update) X(afterCreate) X(afterDelete) X(afterFind) X(afterSave) \
    X(afterUpdate) X(after_asve) X(after_ave) X(after_ceate) X(after_cerate) X(after_craete) X(after_crate) \
    X(after_creae) X(after_creaet) X(after_creat) X(after_created) X(after_creates) X(after_cretae) X(after_crete) \
    X(after_deelte) X(after_deete) X(after_delee) X(after_deleet) X(after_delet) X(after_deleted) X(after_deletes) \
    X(after_delte) X(after_deltee) X(after_destroy) X(after_dleete) X(after_dlete) X(after_edlete) X(after_elete) \
    X(after_erase) X(after_fetch) X(after_fid) X(after_fidn) X(after_fin) X(after_findd) X(after_finds) \
    X(after_fnd) X(after_fnid) X(after_ifnd) X(after_ind) X(after_insert) X(after_load) X(after_pdate) \
    X(after_pudate) X(after_query) X(after_rceate) X(after_read) X(after_reate) X(after_remove) X(after_sae) \
    X(after_saev) X(after_sav) X(after_saved) X(after_saves) X(after_select) X(after_svae) X(after_sve) \
    X(after_udate) X(after_udpate) X(after_upadte) X(after_upate) X(after_updae) X(after_updaet) X(after_updat) \
    X(after_updated) X(after_updates) X(after_updtae) X(after_updte) X(afterc_reate) X(aftercreate) X(afterd_elete) \
    X(afterdelete) X(afterf_ind) X(afterfind) X(afters_ave) X(aftersave) X(afteru_pdate) X(afterupdate) \
    X(aftr_create) X(aftr_delete) X(aftr_find) X(aftr_save) X(aftr_update) X(aftre_create) X(aftre_delete) \
    X(aftre_find) X(aftre_save) X(aftre_update) X(ater_create) X(ater_delete) X(ater_find) X(ater_save) \
    X(ater_update) X(atfer_create) X(atfer_delete) X(atfer_find) X(atfer_save) X(atfer_update) X(befoe_create) \
    X(befoe_delete) X(befoe_save) X(befoe_update) X(befoer_create) X(befoer_delete) X(befoer_save) X(befoer_update) \
    X(befor_create) X(befor_delete) X(befor_ecreate) X(befor_edelete) X(befor_esave) X(befor_eupdate) X(befor_save) \
    X(befor_update) X(beforeCreate) X(beforeDelete) X(beforeSave) X(beforeUpdate) X(before_asve) X(before_ave) \
    X(before_ceate) X(before_cerate) X(before_craete) X(before_crate) X(before_creae) X(before_creaet) \
    X(before_creat) X(before_created) X(before_creates) X(before_cretae) X(before_crete) X(before_deelte) \
    X(before_deete) X(before_delee) X(before_deleet) X(before_delet) X(before_deleted) X(before_deletes) \
    X(before_delte) X(before_deltee) X(before_destroy) X(before_dleete) X(before_dlete) X(before_edlete) \
    X(before_elete) X(before_erase) X(before_fetch) X(before_find) X(before_insert) X(before_load) X(before_pdate) \
    X(before_pudate) X(before_query) X(before_rceate) X(before_read) X(before_reate) X(before_remove) X(before_sae) \
    X(before_saev) X(before_sav) X(before_saved) X(before_saves) X(before_select) X(before_svae) X(before_sve) \
    X(before_udate) X(before_udpate) X(before_upadte) X(before_upate) X(before_updae) X(before_updaet) \
    X(before_updat) X(before_updated) X(before_updates) X(before_updtae) X(before_updte) X(beforec_reate) \
    X(beforecreate) X(befored_elete) X(beforedelete) X(befores_ave) X(beforesave) X(beforeu_pdate) X(beforeupdate) \
    X(befre_create) X(befre_delete) X(befre_save) X(befre_update) X(befroe_create) X(befroe_delete) X(befroe_save) \
    X(befroe_update) X(beofre_create) X(beofre_delete) X(beofre_save) X(beofre_update) X(beore_create) \
    X(beore_delete) X(beore_save) X(beore_update) X(bfeore_create) X(bfeore_delete) X(bfeore_save) X(bfeore_update) \
    X(bfore_create) X(bfore_delete) X(bfore_save) X(bfore_update) X(ebfore_create) X(ebfore_delete) X(ebfore_save) \
    X(ebfore_update) X(efore_create) X(efore_delete) X(efore_save) X(efore_update) X(fater_create) X(fater_delete) \
    X(fater_find) X(fater_save) X(fater_update) X(fter_create) X(fter_delete) X(fter_find) X(fter_save) \
    X(fter_update) X(on_create) X(on_delete) X(on_find) X(on_save) X(on_update) X(post_create) X(post_delete) \
    X(post_find) X(post_save) X(post_update) X(pre_create) X(pre_delete) X(pre_find) X(pre_save) X(pre_update)
// clang-format on
