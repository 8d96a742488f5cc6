using Microsoft.Win32.SafeHandles;

namespace CiliumLab.Tests.Integration;

/// <summary>An eBPF program, instruction by instruction (RFC 9669). Registers are numbers; 10 is the stack.</summary>
internal sealed class BpfInstructions
{
    private const int Length = 8;

    private readonly List<byte> _bytes = [];
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    private readonly List<(int At, string Label)> _jumps = [];

    public BpfInstructions Move(int to, int from) => Emit(0xbf, to, from);

    /// <summary>A word, without a sign.</summary>
    public BpfInstructions Set(int to, int value) => Emit(0xb4, to, value: value);

    public BpfInstructions Add(int to, int value) => Emit(0x07, to, value: value);

    public BpfInstructions And(int to, int value) => Emit(0x54, to, value: value);

    public BpfInstructions LoadWord(int to, int from, short offset) => Emit(0x61, to, from, offset);

    public BpfInstructions StoreWord(int to, short offset, int value) => Emit(0x62, to, 0, offset, value);

    public BpfInstructions StoreWordOf(int to, short offset, int from) => Emit(0x63, to, from, offset);

    public BpfInstructions StoreAllOf(int to, short offset, int from) => Emit(0x7b, to, from, offset);

    public BpfInstructions Map(int to, SafeFileHandle map) =>
        Emit(0x18, to, 1, value: (int)map.DangerousGetHandle()).Emit(0, 0);

    public BpfInstructions Call(int function) => Emit(0x85, 0, value: function);

    /// <summary>Compares words.</summary>
    public BpfInstructions JumpUnless(int register, int value, string label) => To(label).Emit(0x56, register, value: value);

    /// <summary>Compares all 64 bits, as the verifier asks for of an address.</summary>
    public BpfInstructions JumpIf(int register, int value, string label) => To(label).Emit(0x15, register, value: value);

    public BpfInstructions Jump(string label) => To(label).Emit(0x05, 0);

    public BpfInstructions Label(string name)
    {
        _labels.Add(name, _bytes.Count / Length);
        return this;
    }

    public BpfInstructions Exit() => Emit(0x95, 0);

    public byte[] ToArray()
    {
        var program = _bytes.ToArray();
        foreach (var (at, label) in _jumps)
            BitConverter.TryWriteBytes(program.AsSpan(at * Length + 2), (short)(_labels[label] - at - 1));
        return program;
    }

    private BpfInstructions To(string label)
    {
        _jumps.Add((_bytes.Count / Length, label));
        return this;
    }

    private BpfInstructions Emit(byte code, int to, int from = 0, short offset = 0, int value = 0)
    {
        _bytes.Add(code);
        _bytes.Add((byte)(BitConverter.IsLittleEndian ? from << 4 | to : to << 4 | from));
        _bytes.AddRange(BitConverter.GetBytes(offset));
        _bytes.AddRange(BitConverter.GetBytes(value));
        return this;
    }
}
