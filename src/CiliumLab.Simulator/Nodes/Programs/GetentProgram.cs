using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary>
/// <c>getent hosts</c> and <c>getent ahosts</c> of glibc: what a node knows from <c>/etc/hosts</c>. Nothing beyond the lab answers DNS, so every
/// other name is unknown.
/// </summary>
internal sealed class GetentProgram() : ImmediateProgram("/usr/bin/getent", "/bin/getent")
{
    private const int UnknownDatabase = 1;
    private const int UnknownKey = 2;

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        if (call.Arguments.Count == 0)
            return call.Complain("getent: wrong number of arguments\nTry `getent --help' or `getent --usage' for more information.", UnknownDatabase);
        var (database, names) = (call.Arguments[0], call.Arguments.Skip(1).ToList());
        if (database is not ("hosts" or "ahosts" or "ahostsv4"))
            return call.Complain($"Unknown database: {database}\nTry `getent --help' or `getent --usage' for more information.", UnknownDatabase);
        var entries = HostsFileText.Parse(new StringReader(call.Node.Files.ReadText("/etc/hosts")), null, static _ => { }).ToList();
        if (names.Count == 0)
        {
            foreach (var entry in entries)
                call.Line($"{entry.Address,-15} {string.Join(' ', Names(entry))}");
            return 0;
        }

        var code = 0;
        foreach (var name in names)
        {
            var found = IPAddress.TryParse(name, out var address)
                ? entries.Where(entry => entry.Address.Equals(address)).ToList()
                : entries.Where(entry => Names(entry).Contains(name, StringComparer.OrdinalIgnoreCase)).ToList();
            if (found.Count == 0)
                code = UnknownKey;
            foreach (var entry in found)
                Print(call, database, entry, name);
        }

        return code;
    }

    private static IEnumerable<string> Names(NodeHostEntry entry) => entry.Aliases.Prepend(entry.Name);

    private static void Print(ProgramCall call, string database, NodeHostEntry entry, string asked)
    {
        if (database == "hosts")
        {
            call.Line($"{entry.Address,-15} {string.Join(' ', Names(entry))}");
            return;
        }

        call.Line($"{entry.Address,-15} STREAM {asked}");
        call.Line($"{entry.Address,-15} DGRAM  ");
        call.Line($"{entry.Address,-15} RAW    ");
    }
}
