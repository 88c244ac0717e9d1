/*
 * The same in C++: handles that end by themselves, results that are exceptions, and events fetched by poll().
 *
 *   nos++                 one switch without a channel: started, told of an interface and a host, which it writes into its
 *                         ASIC, and stopped
 *
 * Compiled with sai.h and mlagsync.h as C++11, and linked with libsai and libmlagsync.
 */

#include <mlagsync.h>
extern "C" {
#include <sai.h>
}

#include <poll.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace mlag {

/* What a function answers when it fails. */
class error : public std::runtime_error {
public:
    error(const char *what, mlagsync_result_t result, const std::string &why)
        : std::runtime_error(std::string(what) + ": " + mlagsync_result_name(result) + ": " + why), result(result)
    {
    }
    const mlagsync_result_t result;
};

inline std::string last_error()
{
    std::vector<char> text(mlagsync_last_error(nullptr, 0));
    mlagsync_last_error(text.data(), text.size());
    return text.data();
}

inline mlagsync_result_t must(const char *what, mlagsync_result_t result)
{
    if (result < 0) {
        throw error(what, result, last_error());
    }
    return result;
}

struct free_builder {
    void operator()(mlagsync_builder_t *builder) const { mlagsync_builder_free(builder); }
};

struct free_handle {
    void operator()(mlagsync_t *handle) const { mlagsync_free(handle); }
};

class builder {
public:
    explicit builder(const std::string &hostname)
    {
        mlagsync_builder_t *made = nullptr;
        must("mlagsync_builder_new", mlagsync_builder_new(hostname.c_str(), &made));
        builder_.reset(made);
    }

    builder &sai(const mlagsync_sai_t &sai)
    {
        must("mlagsync_builder_sai", mlagsync_builder_sai(builder_.get(), &sai));
        return *this;
    }

    builder &ownership(int32_t ownership)
    {
        must("mlagsync_builder_ownership", mlagsync_builder_ownership(builder_.get(), ownership));
        return *this;
    }

    std::unique_ptr<mlagsync_t, free_handle> start()
    {
        mlagsync_t *handle = nullptr;
        must("mlagsync_start", mlagsync_start(builder_.get(), &handle));
        return std::unique_ptr<mlagsync_t, free_handle>(handle);
    }

private:
    std::unique_ptr<mlagsync_builder_t, free_builder> builder_;
};

/* One switch that is driven; its end stops it. */
class sync {
public:
    explicit sync(builder &from) : handle_(from.start()) {}

    mlagsync_t *get() const { return handle_.get(); }

    /* Tells of hosts, all of them, however long it takes. */
    void learned(const std::vector<mlagsync_learned_t> &items)
    {
        for (size_t done = 0, taken = 0; done < items.size(); done += taken) {
            must("mlagsync_learned",
                 mlagsync_learned(get(), items.data() + done, items.size() - done, 1000, &taken));
        }
    }

    /* The next event, within some milliseconds; false: there is none. */
    bool next_event(mlagsync_event_t &event, int wait_ms)
    {
        pollfd readable = pollfd();
        must("mlagsync_event_fd", mlagsync_event_fd(get(), &readable.fd));
        readable.events = POLLIN;
        if (poll(&readable, 1, wait_ms) <= 0) {
            return false;
        }
        event = MLAGSYNC_INIT(mlagsync_event_t);
        return must("mlagsync_next_event", mlagsync_next_event(get(), &event, 0)) == MLAGSYNC_OK;
    }

private:
    std::unique_ptr<mlagsync_t, free_handle> handle_;
};

} // namespace mlag

/* ---- The NOS ----------------------------------------------------------------------------------------------------- */

namespace {

const char *profile_get_value(sai_switch_profile_id_t, const char *) { return nullptr; }
int profile_get_next_value(sai_switch_profile_id_t, const char **, const char **) { return -1; }

void sai_must(const char *what, sai_status_t status)
{
    if (status != SAI_STATUS_SUCCESS) {
        throw std::runtime_error(std::string(what) + ": SAI status " + std::to_string(status));
    }
}

template <typename Api> Api *table(sai_api_t api)
{
    void *found = nullptr;
    sai_must("sai_api_query", sai_api_query(api, &found));
    return static_cast<Api *>(found);
}

sai_attribute_t attribute(sai_attr_id_t id)
{
    sai_attribute_t attr = sai_attribute_t();
    attr.id = id;
    return attr;
}

struct topology {
    sai_object_id_t switch_id = 0, rif = 0;

    topology()
    {
        sai_switch_api_t *switches = table<sai_switch_api_t>(SAI_API_SWITCH);
        sai_attribute_t up = attribute(SAI_SWITCH_ATTR_INIT_SWITCH);
        up.value.booldata = true;
        sai_must("create_switch", switches->create_switch(&switch_id, 1, &up));
        sai_attribute_t router = attribute(SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID);
        sai_must("get_switch_attribute", switches->get_switch_attribute(switch_id, 1, &router));
        sai_attribute_t vlan = attribute(SAI_SWITCH_ATTR_DEFAULT_VLAN_ID);
        sai_must("get_switch_attribute", switches->get_switch_attribute(switch_id, 1, &vlan));
        sai_attribute_t attrs[3] = {attribute(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID),
                                    attribute(SAI_ROUTER_INTERFACE_ATTR_TYPE),
                                    attribute(SAI_ROUTER_INTERFACE_ATTR_VLAN_ID)};
        attrs[0].value.oid = router.value.oid;
        attrs[1].value.s32 = SAI_ROUTER_INTERFACE_TYPE_VLAN;
        attrs[2].value.oid = vlan.value.oid;
        sai_must("create_router_interface",
                 table<sai_router_interface_api_t>(SAI_API_ROUTER_INTERFACE)
                     ->create_router_interface(&rif, switch_id, 3, attrs));
    }
};

void run()
{
    const topology box;
    mlagsync_sai_t sai = MLAGSYNC_INIT(mlagsync_sai_t);
    sai.switch_oid = box.switch_id;
    sai.api_query = reinterpret_cast<mlagsync_function_t>(sai_api_query);
    sai.query_api_version = reinterpret_cast<mlagsync_function_t>(sai_query_api_version);

    mlag::builder builder("nos");
    builder.sai(sai).ownership(MLAGSYNC_OWNERSHIP_ALL);
    mlag::sync sync(builder);

    mlagsync_binding_t binding = MLAGSYNC_INIT(mlagsync_binding_t);
    binding.interface.kind = MLAGSYNC_INTERFACE_VLAN;
    binding.interface.number = 1;
    binding.rif = box.rif;
    binding.mac[0] = 2;
    binding.mac[5] = 0xfe;
    mlag::must("mlagsync_bind", mlagsync_bind(sync.get(), &binding));

    mlagsync_learned_t host = MLAGSYNC_INIT(mlagsync_learned_t);
    host.attachment = MLAGSYNC_ATTACHMENT_ORPHAN;
    host.key.interface = binding.interface;
    host.key.ip.family = 4;
    const uint8_t ip[4] = {10, 0, 0, 7};
    std::memcpy(host.key.ip.octets, ip, sizeof ip);
    host.mac[0] = 2;
    host.mac[5] = 7;
    host.fresh = 1;
    sync.learned({host});

    mlagsync_counts_t counts = MLAGSYNC_INIT(mlagsync_counts_t);
    for (int n = 0; counts.programmed != 1; n++) {
        if (n == 6000) {
            throw std::runtime_error("the host does not get into the ASIC");
        }
        poll(nullptr, 0, 10);
        mlag::must("mlagsync_counts", mlagsync_counts(sync.get(), &counts));
    }

    /* What is wrong is an exception with a sentence. */
    try {
        mlag::must("mlagsync_member_gone", mlagsync_member_gone(sync.get(), 0));
        throw std::runtime_error("M-LAG 0 was taken");
    } catch (const mlag::error &e) {
        if (e.result != MLAGSYNC_E_INVALID) {
            throw;
        }
    }

    /* The interface goes, and an event says when nothing is left on it. */
    mlag::must("mlagsync_unbind", mlagsync_unbind(sync.get(), &binding.interface));
    mlagsync_event_t event = mlagsync_event_t();
    while (event.type != MLAGSYNC_EVENT_RELEASED) {
        if (!sync.next_event(event, 60000)) {
            throw std::runtime_error("the interface is not released");
        }
    }
}

} // namespace

int main()
{
    static const sai_service_method_table_t services = {profile_get_value, profile_get_next_value};
    try {
        sai_must("sai_api_initialize", sai_api_initialize(0, &services));
        run();
        sai_must("sai_api_uninitialize", sai_api_uninitialize());
    } catch (const std::exception &e) {
        std::fprintf(stderr, "nos++: %s\n", e.what());
        return 1;
    }
    std::printf("mlagsync %s: ok\n", mlagsync_version());
    return 0;
}
