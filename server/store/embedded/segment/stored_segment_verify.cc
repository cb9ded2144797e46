// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/stored_segment.h"

namespace skua::store::embedded {

base::Status StoredSegment::verify() const {
    SKUA_ASSIGN_OR_RETURN(const auto m, meta());
    SKUA_ASSIGN_OR_RETURN(const auto all, directory(*m));
    for (std::size_t i = 0; i < m->footer.parts.size(); ++i) {
        const Part& part = m->footer.parts[i];
        SKUA_ASSIGN_OR_RETURN(const auto one, catalog(*m, i));
        SKUA_ASSIGN_OR_RETURN(const std::string strings, read_section(part.strings));
        for (std::size_t b = 0; b < one->strings.blocks.size(); ++b) {
            SKUA_ASSIGN_OR_RETURN(const auto block, text_block(part, one->strings, b));
            (void)block;
        }
    }
    const auto pages = [&](SectionId id, const HashPages& index) -> base::Status {
        const Section* s = m->footer.section(id);
        for (const HashPage& page : index.pages) {
            SKUA_ASSIGN_OR_RETURN(const Bytes bytes, read((s == nullptr ? 0 : s->offset) + page.offset, page.bytes,
                                                          page.crc, "an index page"));
            (void)bytes;
        }
        return {};
    };
    SKUA_RETURN_IF_ERROR(pages(SectionId::kTracePages, m->traces));
    SKUA_RETURN_IF_ERROR(pages(SectionId::kValuePages, all->values));
    SKUA_ASSIGN_OR_RETURN(const auto ignored_longest, longest_spans(*m, *all));
    (void)ignored_longest;
    SKUA_ASSIGN_OR_RETURN(const auto ignored_edges, edges(*m));
    (void)ignored_edges;
    SKUA_ASSIGN_OR_RETURN(const auto blocks, rollup_blocks(*m));
    for (const RollupBlock& block : blocks) {
        SKUA_ASSIGN_OR_RETURN(const auto cells, rollup_cells(*m, block));
        (void)cells;
    }
    for (const GranuleInfo& g : m->granules) {
        SKUA_ASSIGN_OR_RETURN(const std::string ignored, read_granule(g));
    }
    return {};
}

}  // namespace skua::store::embedded
